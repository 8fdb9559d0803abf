import { processWide } from '../../lib/process-wide';
import { isWithin, runInScope } from '../../lib/scope';
import { attempt } from '../../lib/util/attempt';
import { findScope, type RequestScope } from '../http/request-scope';
import type { ExpressRequest } from './express-request';
import { ownExpress } from './own-express';
import type { Layer } from './route-trace';
import type { Request } from './types';

type OnRequest = (this: Layer, req: Request, res: unknown, next: unknown) => unknown;
type OnError = (this: Layer, error: unknown, req: Request, res: unknown, next: unknown) => unknown;

/**
 * The methods of layers by which routers pass each request on, in Express 4 and 5. They are the one place where parsers,
 * session stores and callbacks come back to Express, and where a route and its parameters are known, without anything on
 * the request that other code could notice.
 */
interface LayerMethods {
  handle_request?: OnRequest;
  handleRequest?: OnRequest;
  handle_error?: OnError;
  handleError?: OnError;
}

const hooked = processWide('hooked', () => new WeakSet<LayerMethods>());

/**
 * Lets the routers that a request passes tell its scope each step, and take each in that scope, wherever the call that led
 * to it came from. They may be of another copy of Express than this package has.
 */
export function hookRoutersOf(req: Request): void {
  hook(ownLayer());
  hook(layerOf(req));
}

let own: { layer: object | undefined } | undefined;

/** A layer of the copy of Express that this package has. */
function ownLayer(): object | undefined {
  own ??= {
    layer: attempt(
      () =>
        ownExpress()
          .Router()
          .use(() => undefined).stack[0],
    ),
  };
  return own.layer;
}

function layerOf({ app }: Request): object | undefined {
  if (typeof app !== 'function') return undefined;
  const { _router } = app as { _router?: { stack?: object[] } };
  const router = _router ?? (app as { router?: { stack?: object[] } }).router; // in Express 4, `router` throws
  return router?.stack?.[0];
}

function hook(layer: object | undefined): void {
  const methods = layer && (Object.getPrototypeOf(layer) as LayerMethods);
  if (!methods || hooked.has(methods)) return;
  hooked.add(methods);
  for (const name of ['handle_request', 'handleRequest'] as const) {
    const original = methods[name];
    if (original) methods[name] = named(original, stepOfRequest(original));
  }
  for (const name of ['handle_error', 'handleError'] as const) {
    const original = methods[name];
    if (original) methods[name] = named(original, stepOfError(original));
  }
}

function stepOfRequest(original: OnRequest): OnRequest {
  return function (req, res, next) {
    const scope = findScope(req);
    if (!scope) return original.call(this, req, res, next);
    observe(this, req, scope);
    if (isWithin(scope)) return original.call(this, req, res, next);
    return runInScope(scope, () => original.call(this, req, res, next));
  };
}

function stepOfError(original: OnError): OnError {
  return function (error, req, res, next) {
    const scope = findScope(req);
    if (!scope) return original.call(this, error, req, res, next);
    observe(this, req, scope);
    return runInScope(scope, () => original.call(this, error, req, res, next));
  };
}

function observe(layer: Layer, req: Request, innermost: RequestScope): void {
  for (let scope: RequestScope | undefined = innermost; scope; scope = scope.outer) {
    if (scope.holder !== req) continue; // a request that inherits from another is not routed with it
    const { trace } = scope.request as Partial<ExpressRequest>;
    try {
      trace?.step(layer);
    } catch (cause) {
      scope.ledger.report(new Error('A step of a request could not be followed', { cause }));
    }
  }
}

function named<Method extends object>(original: Method, step: Method): Method {
  for (const property of ['name', 'length'])
    Object.defineProperty(step, property, Object.getOwnPropertyDescriptor(original, property) ?? {});
  return step;
}
