import type { Request } from 'express';

/** Is told what Express's routers set on a request, and what is set already. */
export interface RoutingObserver {
  params(params: unknown): void;
  baseUrl(baseUrl: unknown, before: unknown): void;
  routed(route: unknown): void;
}

/** `Symbol.for`, so that several copies of this package share one watch: a property can have only one setter. */
const ROUTING = Symbol.for('express-audit-ledger: routing');

/** The values of the observed properties, and their observers. */
class RoutingState {
  readonly observers: RoutingObserver[] = [];
  params: unknown;
  baseUrl: unknown;
  route: unknown;

  constructor({ params, baseUrl, route }: Request) {
    this.params = params;
    this.baseUrl = baseUrl;
    this.route = route as unknown;
  }
}

interface Routed {
  [ROUTING]: RoutingState;
}

/** Tells `observer` each value that is set to `params`, `baseUrl` and `route`. */
export function watchRouting(req: Request, observer: RoutingObserver): void {
  const routing = (req as Partial<Routed>)[ROUTING] ?? begin(req);
  routing.observers.push(observer);
  const { params, baseUrl, route } = routing;
  if (params !== undefined) observer.params(params);
  if (baseUrl !== undefined) observer.baseUrl(baseUrl, undefined);
  if (route !== undefined) observer.routed(route);
}

function begin(req: Request): RoutingState {
  const routing = new RoutingState(req);
  Object.defineProperty(req, ROUTING, { value: routing });
  Object.defineProperty(req, 'params', PARAMS);
  Object.defineProperty(req, 'baseUrl', BASE_URL);
  Object.defineProperty(req, 'route', ROUTE);
  return routing;
}

// All requests share these functions. With closures, each request would have its own hidden class in V8, and all of
// Express would be slower.
const PARAMS = watched({
  get() {
    return this[ROUTING].params;
  },
  set(params) {
    const routing = this[ROUTING];
    routing.params = params;
    for (const observer of routing.observers) observer.params(params);
  },
});

const BASE_URL = watched({
  get() {
    return this[ROUTING].baseUrl;
  },
  set(baseUrl) {
    const routing = this[ROUTING];
    const before = routing.baseUrl;
    routing.baseUrl = baseUrl;
    for (const observer of routing.observers) observer.baseUrl(baseUrl, before);
  },
});

const ROUTE = watched({
  get() {
    return this[ROUTING].route;
  },
  set(route) {
    const routing = this[ROUTING];
    routing.route = route;
    for (const observer of routing.observers) observer.routed(route);
  },
});

interface Accessor {
  get(this: Routed): unknown;
  set(this: Routed, value: unknown): void;
}

function watched(accessor: Accessor): PropertyDescriptor {
  return { configurable: true, enumerable: true, ...accessor };
}
