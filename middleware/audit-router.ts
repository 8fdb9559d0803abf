import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Audit } from '../lib/audit';
import { identifierText, type Identifier } from '../lib/record/identifier';
import { type Identify, identifyByConvention, identityOf } from './identity';
import { listQueryOf, noQueryOf } from './list-query';
import { Problem, problemOf, sendProblem } from './problem';
import { scopeOf } from './request-scope';

/** What somebody wants of the audit trail. */
export type Permission = 'read' | 'verify';

/** What the router works with. */
export interface RouterParts {
  audit: Audit;
  identify: Identify | undefined;
  tenant: ((req: Request) => Identifier | undefined | Promise<Identifier | undefined>) | undefined;
  authorize: (req: Request, permission: Permission) => boolean | Promise<boolean>;
}

type Answer = (req: Request, res: Response, tenantId: string) => Promise<unknown>;

/** A read-only HTTP API on one tenant's trail; which tenant is decided on the server, never by the query. */
export function createAuditRouter(parts: RouterParts): Router {
  const { audit } = parts;
  const router = Router();
  const verify = shared((tenantId) => audit.verify({ tenantId }));
  const route = (path: string, permission: Permission, answer: Answer) =>
    router.get(path, (req, res, next) => {
      admit(parts, req, permission)
        .then((tenantId) => answer(req, res, tenantId))
        .then((body) => {
          if (!res.headersSent) res.json(body); // else a timeout of the application has answered meanwhile
        })
        .catch(next);
    });

  router.use(leaveUncaptured, readOnly);
  route('/entries', 'read', async (req, _res, tenantId) => {
    const entries = await audit.list({ ...listQueryOf(req), tenantId });
    return { entries, nextCursor: entries.nextCursor };
  });
  route('/entries/:id', 'read', async (req, _res, tenantId) => {
    noQueryOf(req);
    const { id } = req.params as { id: string };
    const entry = await audit.get({ tenantId, id });
    if (!entry) throw new Problem(404, `There is no entry ${JSON.stringify(id)}.`);
    return entry;
  });
  route('/verify', 'verify', async (req, _res, tenantId) => {
    noQueryOf(req);
    return verify(tenantId);
  });
  router.use((_req, _res, next) => next(new Problem(404, 'There is no such page in the audit trail.')));
  router.use(answerProblem(audit));
  return router;
}

const leaveUncaptured: RequestHandler = (req, res, next) => {
  const scope = scopeOf(req);
  if (scope) scope.silent = true;
  res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  next();
};

const readOnly: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  res.set('Allow', 'GET, HEAD');
  next(new Problem(405, `The audit trail is read-only: ${req.method} is not allowed.`));
};

/** The tenant whose trail the request may see; the ledger's own through an explicit `tenant` alone. Fails closed. */
async function admit(
  { audit, identify, tenant, authorize }: RouterParts,
  req: Request,
  permission: Permission,
): Promise<string> {
  const identity = identityOf(identify ?? scopeOf(req)?.identify ?? identifyByConvention, req);
  if (identity.actor === undefined) throw new Problem(401, 'Sign in to see the audit trail.');
  const tenantId = tenant ? await tenant(req) : (identity.tenantId ?? audit.defaultTenant);
  const text = identifierText(tenantId);
  if (typeof text !== 'string' || text === '') throw new Problem(401, 'The request belongs to no tenant.');
  const allowed: unknown = await authorize(req, permission);
  // Whatever else it gives, a user or a promise in an object, is not a yes.
  if (allowed !== true) throw new Problem(403, `You may not ${permission} this audit trail.`);
  return text;
}

function answerProblem(audit: Audit): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.status >= 500) audit.report(error instanceof Error ? error : new Error(String(error)));
    sendProblem(res, problem);
  };
}

/** One run at a time for each tenant: who asks meanwhile gets the same result. */
function shared<T>(run: (tenantId: string) => Promise<T>): (tenantId: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (tenantId) => {
    const current = running.get(tenantId) ?? run(tenantId).finally(() => running.delete(tenantId));
    running.set(tenantId, current);
    return current;
  };
}
