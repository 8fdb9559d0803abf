import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Audit } from '../lib/audit';
import { parseExportQuery } from '../lib/read/export-query';
import { identifierText, type Identifier } from '../lib/record/identifier';
import { type Identify, identifyByConvention, type Identity, identityOf } from './identity';
import { attachmentName, CONTENT_TYPES } from './download';
import { exportQueryOf, listQueryOf, noQueryOf } from './list-query';
import { Problem, problemOf, sendProblem } from './problem';
import { scopeOf } from './request-scope';

/** What somebody wants of the audit trail. */
export type Permission = 'read' | 'export' | 'verify';

/** What the router works with. */
export interface RouterParts {
  audit: Audit;
  identify: Identify | undefined;
  tenant: ((req: Request) => Identifier | undefined | Promise<Identifier | undefined>) | undefined;
  authorize: (req: Request, permission: Permission) => boolean | Promise<boolean>;
}

/** Who was let in, and to whose trail. */
interface Admitted {
  tenantId: string;
  actor: Identity['actor'];
}

type Answer = (req: Request, res: Response, admitted: Admitted) => Promise<unknown>;

/** A body that is not JSON. */
class Text {
  constructor(readonly text: string) {}
}

/** A read-only HTTP API on one tenant's trail; which tenant is decided on the server, never by the query. */
export function createAuditRouter(parts: RouterParts): Router {
  const { audit } = parts;
  const router = Router();
  const verify = shared((tenantId) => audit.verify({ tenantId }));
  const route = (path: string, permission: Permission, answer: Answer) =>
    router.get(path, (req, res, next) => {
      admit(parts, req, permission)
        .then((admitted) => answer(req, res, admitted))
        .then((body) => {
          if (res.headersSent) return; // a timeout of the application has answered meanwhile
          if (body instanceof Text) res.type('text/plain').send(body.text);
          else res.json(body);
        })
        .catch(next);
    });

  router.use(leaveUncaptured, readOnly);
  route('/entries', 'read', async (req, _res, { tenantId }) => {
    const entries = await audit.list({ ...listQueryOf(req), tenantId });
    return { entries, nextCursor: entries.nextCursor };
  });
  route('/entries/:id', 'read', async (req, _res, { tenantId }) => {
    noQueryOf(req);
    const { id } = req.params as { id: string };
    const entry = await audit.get({ tenantId, id });
    if (!entry) throw new Problem(404, `There is no entry ${JSON.stringify(id)}.`);
    return entry;
  });
  route('/entries/:id/proof', 'verify', async (req, _res, { tenantId }) => {
    noQueryOf(req);
    const { id } = req.params as { id: string };
    const proof = await audit.prove({ tenantId, id });
    if (proof) return new Text(proof.text);
    if (await audit.get({ tenantId, id })) throw new Problem(409, 'No checkpoint covers this entry yet.');
    throw new Problem(404, `There is no entry ${JSON.stringify(id)}.`);
  });
  route('/checkpoint', 'verify', async (req, _res, { tenantId }) => {
    noQueryOf(req);
    const note = await audit.newestCheckpoint(tenantId);
    if (note === null) throw new Problem(404, 'There is no signed checkpoint of this audit trail yet.');
    return new Text(note);
  });
  route('/export', 'export', async (req, res, { tenantId, actor }) => {
    const query = { ...exportQueryOf(req), tenantId };
    const { format } = parseExportQuery(query, (text) => audit.secrets.isText(text));
    const evidence = req.method === 'HEAD' ? null : await audit.exportAs(actor, query);
    if (res.headersSent) return;
    res.set({ 'Content-Type': CONTENT_TYPES[format], 'Content-Disposition': attachmentName(format) });
    if (evidence) await sendEvidence(evidence, res, audit);
    else res.end();
  });
  route('/verify', 'verify', async (req, _res, { tenantId }) => {
    noQueryOf(req);
    return verify(tenantId);
  });
  router.use((_req, _res, next) => next(new Problem(404, 'There is no such page in the audit trail.')));
  router.use(answerProblem(audit));
  return router;
}

const leaveUncaptured: RequestHandler = (req, res, next) => {
  // Where two ledgers have their middleware, that of the router's own may be the outer one.
  for (let scope = scopeOf(req); scope; scope = scope.outer) scope.silent = true;
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
): Promise<Admitted> {
  const identity = identityOf(identify ?? scopeOf(req)?.identify ?? identifyByConvention, req);
  if (identity.actor === undefined) throw new Problem(401, 'Sign in to see the audit trail.');
  const tenantId = tenant ? await tenant(req) : (identity.tenantId ?? audit.defaultTenant);
  const text = identifierText(tenantId);
  if (typeof text !== 'string' || text === '') throw new Problem(401, 'The request belongs to no tenant.');
  const allowed: unknown = await authorize(req, permission);
  // Whatever else it gives, a user or a promise in an object, is not a yes.
  if (allowed !== true) throw new Problem(403, `You may not ${permission} this audit trail.`);
  return { tenantId: text, actor: identity.actor };
}

/**
 * What goes wrong here breaks the connection: the file must not look whole. That is told to the operator, unless it was
 * the client who went away.
 */
async function sendEvidence(evidence: Readable, res: Response, audit: Audit): Promise<void> {
  // Once the client has gone, the evidence is destroyed, and says that this is an error.
  evidence.once('error', (error) => {
    if (!res.closed) audit.report(error);
  });
  await pipeline(evidence, res).catch(() => res.destroy());
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
