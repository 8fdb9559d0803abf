import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Ledger } from '../../lib/ledger';
import { findScope } from '../http/request-scope';
import { type RecordAccess, recordRead } from '../http/api/record-access';
import { type AdmissionParts, admit, identifyReader, listPermissions } from '../http/api/admission';
import { openApi } from '../http/api/openapi';
import { type ViewerFile, sendViewerFile, addSlash } from '../http/api/viewer-files';
import { parseParameters } from '../http/api/parameters';
import { Problem, toProblem, sendProblem } from '../http/api/problem';
import { type Route, createRoutes, Text } from '../http/api/routes';
import { sendJson, sendText } from '../http/api/send';

/** What the router needs: its options, checked. */
export interface RouterParts extends AdmissionParts {
  recordAccess: RecordAccess;
}

/** A read-only HTTP API for one tenant's trail, and its web page. The server chooses the tenant, never the query. */
export function createAuditRouter(parts: RouterParts): Router {
  const { ledger } = parts;
  // For `tenant(req)`, which may read the parameters of the mount path, such as `/orgs/:id/audit`.
  const router = Router({ mergeParams: true });
  const routes = createRoutes(shared((tenantId) => ledger.verify({ tenantId })));
  const get = (path: string, answer: (req: Request, res: Response) => Promise<unknown>) =>
    router.get(path, (req, res, next) => void answer(req, res).catch(next));
  const api = openApi(routes);

  router.use(prepare, readOnly);
  for (const route of routes) get(route.path, (req, res) => respond(parts, route, req, res));
  router.get('/openapi.json', (_req, res) => {
    res.setHeader('Cache-Control', 'private, no-cache');
    sendJson(res, api);
  });
  get('/', (req, res) => sendViewer(parts, req, res));
  for (const name of ['viewer.js', 'viewer.css', 'verify.html'] satisfies ViewerFile[])
    get(`/${name}`, (_req, res) => sendViewerFile(name, res));
  router.use((_req, _res, next) => next(new Problem(404, 'There is no such page in the audit trail.')));
  router.use(answerProblem(ledger));
  return router;
}

const prepare: RequestHandler = (req, res, next) => {
  // With the middleware of two ledgers, the scope of this router's ledger may be the outer one.
  for (let scope = findScope(req); scope; scope = scope.outer) scope.silent = true;
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  mountParams.set(req, req.params);
  next();
};

/** The parameters of the mount path. In `/orgs/:id/audit`, the `:id` of `/entries/:id` must not replace them. */
const mountParams = new WeakMap<Request, Request['params']>();

const readOnly: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  res.set('Allow', 'GET, HEAD');
  next(new Problem(405, `The audit trail is read-only: ${req.method} is not allowed.`));
};

async function respond(parts: RouterParts, route: Route, req: Request, res: Response): Promise<void> {
  const { ledger, recordAccess } = parts;
  const name = nameIn(req, route.path);
  req.params = mountParams.get(req) ?? {};
  const { permission } = route;
  const admitted = await (permission === null ? identifyReader(parts, req) : admit(parts, req, permission));
  const query = parseParameters(req, route.query);
  if (route.showsEntries && recordAccess === 'all')
    await recordRead(ledger, req, admitted, { route: route.path, resource: name || undefined, query });
  const recordsExports = recordAccess !== 'none';
  const permissions = () => listPermissions(parts, req);
  send(res, await route.answer({ ledger, ...admitted, query, name, req, res, recordsExports, permissions }));
}

/** The value of the path's only parameter: of `/entries/:id`, the id. */
function nameIn(req: Request, path: string): string {
  const parameter = /:(\w+)/.exec(path)?.[1];
  return parameter === undefined ? '' : ((req.params as Record<string, string>)[parameter] ?? '');
}

function send(res: Response, body: unknown): void {
  if (res.headersSent || body === undefined) return; // the route, or a timeout of the application, has sent a response
  if (body instanceof Text) sendText(res, 'text/plain; charset=utf-8', body.text);
  else sendJson(res, body);
}

/** Sends the page in any case: without permission its status is 401 or 403, and the page itself shows why. */
async function sendViewer(parts: RouterParts, req: Request, res: Response): Promise<void> {
  const withSlash = addSlash(req);
  if (withSlash !== null) return res.redirect(withSlash);
  try {
    await admit(parts, req, 'read');
  } catch (error) {
    const { status } = toProblem(error);
    if (status >= 500) throw error;
    res.statusCode = status;
  }
  await sendViewerFile('index.html', res);
}

function answerProblem(ledger: Ledger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error);
    const problem = toProblem(error);
    if (problem.status >= 500) ledger.report(error instanceof Error ? error : new Error(String(error)));
    sendProblem(res, problem);
  };
}

/** Runs once at a time for each tenant: concurrent calls get the same promise. */
function shared<T>(run: (tenantId: string) => Promise<T>): (tenantId: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (tenantId) => {
    const current = running.get(tenantId) ?? run(tenantId).finally(() => running.delete(tenantId));
    running.set(tenantId, current);
    return current;
  };
}
