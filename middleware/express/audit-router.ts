import { attempt } from '../../lib/util/attempt';
import type { Asked } from '../http/api/asked';
import { TrailApi, type TrailParts } from '../http/api/trail-api';
import { parseTarget } from '../http/request-target';
import { askedOf, belowMount } from '../node/asked-of';
import { sendAnswer } from '../node/send-answer';
import { ownExpress } from './own-express';
import type { ErrorRequestHandler, Request, RequestHandler, Router } from './types';

/** A read-only HTTP API for one tenant's trail, and its web page, as a router of Express. */
export function createAuditRouter(parts: TrailParts): Router {
  const api = new TrailApi(parts);
  // For `tenant(req)`, which may read the parameters of the mount path, such as `/orgs/:id/audit`.
  const router = ownExpress().Router({ mergeParams: true });
  const answer: RequestHandler = (req, res, next) => {
    req.params = mountParams.get(req) ?? {};
    const send = async () => sendAnswer(res, await api.answer(askedBy(req)), report);
    send().catch(next);
  };
  const report = (error: unknown) => api.report(error);
  const refuse: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) return next(error);
    void sendAnswer(res, api.problem(error), report);
  };
  router.use(keepParams);
  for (const path of api.paths) router.get(path, answer); // so that Express knows the route by its pattern
  router.use(answer);
  router.use(refuse);
  return router;
}

/** The parameters of the mount path. In `/orgs/:id/audit`, the `:id` of `/entries/:id` must not replace them. */
const mountParams = new WeakMap<Request, Request['params']>();

const keepParams: RequestHandler = (req, _res, next) => {
  mountParams.set(req, req.params);
  next();
};

function askedBy(req: Request): Asked {
  const { path, query } = parseTarget({ url: req.url });
  const place = belowMount(parseTarget(req).path, path);
  const address = attempt(() => req.ip); // asks the application's own `trust proxy`, which may throw
  return askedOf(req, req.res as NonNullable<Request['res']>, { ...place, query, source: req, address });
}
