import express, { type Express } from 'express';
import { type Audit, auditMiddleware, auditRouter } from 'express-audit-ledger';
import type { Connection } from 'mongoose';
import { loadUser } from './auth';
import { home } from './home';
import { answerError, notFound } from './http-error';
import { modelsOn } from './models';
import { apiKeyRoutes } from './routes/api-keys';
import { contactRoutes } from './routes/contacts';
import { memberRoutes } from './routes/members';
import { sessionRoutes } from './routes/session';
import { supportRouter } from './routes/support';
import { sessions } from './sessions';

/** What the application is made of. */
export interface AppParts {
  connection: Connection;
  audit: Audit;
  /** Signs the session cookies. */
  sessionSecret: string;
}

/** The whole application, ready to listen. */
export function createApp({ connection, audit, sessionSecret }: AppParts): Express {
  const models = modelsOn(connection, audit);
  const app = express();
  app.disable('x-powered-by').set('json spaces', 2);

  app.use(auditMiddleware({ audit })); // first, so that it sees what those below refuse
  app.use(sessions(connection, sessionSecret));
  app.use(express.json(), express.urlencoded());
  app.use(loadUser(models));

  app.get('/', home);
  app.use(sessionRoutes(models));
  app.use('/audit', auditRouter({ audit, authorize: (req) => req.user?.role === 'admin' }));
  app.use('/support/audit/:tenantId', supportRouter(models, audit));
  app.use('/members', memberRoutes(models));
  app.use('/api-keys', apiKeyRoutes(models));
  app.use(contactRoutes(models));

  app.use(notFound);
  app.use(answerError);
  return app;
}
