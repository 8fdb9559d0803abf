import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { attempt } from '../../lib/util/attempt';
import { TrailApi } from '../http/api/trail-api';
import { pageOf } from '../http/api/viewer-files';
import { mountOf } from '../http/route-path';
import { parseTarget } from '../http/request-target';
import { TRAIL_ROUTES } from '../http/route-marks';
import { sendReply } from '../fastify/send-reply';
import { askedOf } from '../node/asked-of';
import { sendAnswer } from '../node/send-answer';
import type { MountedParts } from './options';
import { All, type Class, Controller, Req, Res, VERSION_NEUTRAL } from './own-nest';

type PlatformRequest = FastifyRequest | (IncomingMessage & { raw?: undefined; route?: { path?: unknown } });
type PlatformResponse = FastifyReply | (ServerResponse & { raw?: undefined });

/** What else is asked for below the mount, as each platform writes it. */
const OTHERS = { express: '/{*rest}', fastify: '/*' };

/**
 * A controller for the trail, so that the application's guards, its global prefix and its filters hold for it as for others.
 * It has no routes before `serveTrail` says where.
 */
export function createTrailController(): Class {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- its methods come later
  class AuditTrailController {}
  routeAt('/', AuditTrailController);
  return AuditTrailController;
}

/** Gives the controller its routes. Nest reads them once its modules are made and its server is known. */
export function serveTrail(controller: Class, parts: MountedParts, platform: string): void {
  const api = new TrailApi(parts);
  const prototype = controller.prototype as object;
  routeAt(parts.path, controller);
  const others = platform === 'fastify' ? OTHERS.fastify : OTHERS.express;
  for (const path of [...api.paths, others]) {
    const descriptor = {
      configurable: true,
      value: (req: PlatformRequest, res: PlatformResponse) => answer(api, path, req, res),
    };
    Object.defineProperty(prototype, path, descriptor);
    const own = path.replace(':id', ':entryId'); // the mount may have an `:id`, too
    All(own)(prototype, path, descriptor);
    for (const mount of [parts.path].flat())
      TRAIL_ROUTES.add(`/${mount}/${own}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, ''));
    Req()(prototype, path, 0);
    Res()(prototype, path, 1);
  }
}

function routeAt(path: string | string[], controller: Class): void {
  Controller({ path, version: VERSION_NEUTRAL })(controller);
}

async function answer(
  api: TrailApi,
  path: string,
  req: PlatformRequest,
  res: PlatformResponse,
): Promise<void> {
  const report = (error: unknown) => api.report(error);
  const raw = req.raw ?? req;
  const rawResponse = res.raw ?? res;
  const { path: asked, query } = parseTarget({ url: raw.url });
  const mount = mountOf(asked, patternOf(req), path);
  // Not the mount with a slash: Fastify tells the two apart, and Nest mounts the one without.
  const page = pageOf(mount, 'trail.html') ?? './trail.html';
  const address = attempt(() => (req as { ip?: unknown }).ip);
  const there = {
    path: asked.slice(mount.length),
    query,
    page,
    source: req,
    ...(typeof address === 'string' && { address }),
  };
  const answer = await api.answer(askedOf(raw, rawResponse, there));
  if (res.raw) sendReply(res, answer, report);
  else await sendAnswer(res, answer, report);
}

/** The pattern of the route that Nest has matched: of `/api/audit/entries/7`, `/api/audit/entries/:entryId`. */
function patternOf(req: PlatformRequest): string {
  const pattern: unknown = req.raw ? req.routeOptions.url : req.route?.path;
  return typeof pattern === 'string' ? pattern : '';
}
