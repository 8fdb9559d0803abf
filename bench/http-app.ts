import express from 'express';
import mongoose, { Schema } from 'mongoose';
import { auditMiddleware, createAudit } from '../index';

/** What records the business event of each request. */
export type Mode = 'bare' | 'audited' | 'create on finish';

/** One POST with one business insert, and one route that answers 401; told to end, it says what is stored. */
async function serve(mode: Mode, uri: string, dbName: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const Invite = connection.model('Invite', new Schema({ email: String, role: String }));
  const Log = connection.model(
    'Log',
    new Schema({ actor: String, action: String, path: String, status: Number, at: Date, metadata: Object }),
  );
  const audit = createAudit({ connection, defaultTenant: 'acme' });
  await Promise.all([Invite.init(), Log.init(), audit.event({ action: 'bench.start' })]);

  const app = express();
  if (mode === 'audited') app.use(auditMiddleware({ audit, identify: () => ({ actor: 'user_1' }) }));
  if (mode === 'create on finish') {
    app.use((req, res, next) => {
      res.on('finish', () => {
        const record = {
          actor: 'user_1',
          action: `${req.method} ${req.path}`,
          path: req.originalUrl,
          status: res.statusCode,
          at: new Date(),
          metadata: {},
        };
        Log.create(record).catch(console.error);
      });
      next();
    });
  }
  let active = 0;
  app.post('/invites', async (req, res) => {
    active++;
    const invite = await Invite.create({ email: 'ann@example.com', role: 'member' });
    if (mode === 'audited')
      void req.audit({
        action: 'org.member.invite',
        resource: invite.id,
        metadata: { role: 'member' },
      });
    res.status(201).json({ id: invite.id });
    active--;
  });
  app.get('/private', (_req, res) => void res.status(401).end());

  const server = app.listen(0, '127.0.0.1', () =>
    process.send?.({ port: (server.address() as { port: number }).port }),
  );
  process.once('message', () => void end());

  async function end(): Promise<void> {
    while (active > 0) await new Promise(setImmediate); // clients have hung up on some that are still at work
    await audit.close();
    const [invites, logs] = await Promise.all([Invite.countDocuments(), Log.countDocuments()]);
    process.send?.({ invites, records: mode === 'audited' ? audit.stats().recorded - 1 : logs }, () =>
      process.exit(),
    );
  }
}

const [mode, uri, dbName] = process.argv.slice(2) as [Mode, string, string];
void serve(mode, uri, dbName);
