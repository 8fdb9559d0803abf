import { type Request, Router } from 'express';
import { isWithin, runInScope } from '../../lib/scope';
import { attempt } from '../http/attempt';
import { findScope } from '../http/request-scope';

/** What a router of Express calls for a request: a handler, a route or another router, and where it is mounted. */
export interface Layer {
  readonly route?: { readonly path?: unknown; readonly stack?: unknown } | undefined;
  readonly handle?: unknown;
}

/** Is told each time that a router hands a request on. */
export interface StepObserver {
  readonly req: Request;
  /** `baseUrl`, `params`, `route` and `next` of the request are as the router has set them for the layer. */
  step(layer: Layer): void;
}

const OBSERVERS = Symbol('express-audit-ledger: router steps');

interface Observed {
  [OBSERVERS]?: StepObserver[];
}

type Method = (this: Layer, ...args: unknown[]) => unknown;

/**
 * The methods of layers by which routers pass each request on, in Express 4 and 5, and the position of the request among
 * their arguments. They are the one place where parsers, session stores and callbacks come back to Express, and where a
 * route and its parameters are known, without anything on the request that other code could notice.
 */
const STEPS: Record<string, number> = {
  handle_request: 0,
  handleRequest: 0,
  handle_error: 1,
  handleError: 1,
};

/**
 * Tells `observer` the steps of its request, and runs each of them in the request's scope, wherever the call that led to
 * it came from.
 */
export function watchSteps(observer: StepObserver): void {
  const { req } = observer;
  hookLayersOf(req);
  const { [OBSERVERS]: observers } = req as Observed;
  if (observers && Object.hasOwn(req, OBSERVERS)) observers.push(observer);
  else Object.defineProperty(req, OBSERVERS, { value: [observer] });
}

/** An application's layers may be those of another copy of Express than this package has. */
function hookLayersOf(req: Request): void {
  for (const layer of [ownLayer, layerOf(req)]) {
    const prototype = layer && (Object.getPrototypeOf(layer) as object);
    if (!prototype || hooked.has(prototype)) continue;
    hooked.add(prototype);
    for (const [name, position] of Object.entries(STEPS)) hook(prototype, name, position);
  }
}

const hooked = new WeakSet<object>();

const ownLayer: object | undefined = Router().use((_req, _res, next) => next()).stack[0];

function layerOf({ app }: Request): object | undefined {
  if (typeof app !== 'function') return undefined;
  const { _router } = app as { _router?: { stack?: object[] } };
  const router = _router ?? (app as { router?: { stack?: object[] } }).router; // in Express 4, `router` throws
  return router?.stack?.[0];
}

function hook(prototype: object, name: string, position: number): void {
  const original = (prototype as Record<string, Method | undefined>)[name];
  if (typeof original !== 'function') return;
  const step: Method = function (...args) {
    const req = args[position] as Request;
    const scope = findScope(req);
    if (!scope) return original.apply(this, args);
    observe(this, req);
    return isWithin(scope) ? original.apply(this, args) : runInScope(scope, () => original.apply(this, args));
  };
  for (const property of ['name', 'length'])
    Object.defineProperty(step, property, Object.getOwnPropertyDescriptor(original, property) ?? {});
  Object.assign(prototype, { [name]: step });
}

function observe(layer: Layer, req: Request): void {
  for (const observer of (req as Observed)[OBSERVERS] ?? []) {
    if (observer.req === req) attempt(() => observer.step(layer)); // what throws is a getter of the application's own
  }
}
