import { attempt } from '../../lib/util/attempt';
import type { ListedRoute } from '../node/audit-coverage';
import { markOf, type RouteMark } from '../http/route-marks';

/** What a router of Express 4 or 5 holds. */
interface Layer {
  name?: string;
  handle?: unknown;
  method?: string;
  route?: Route | undefined;
  /** Express 5: the path as it was given. */
  rawPath?: unknown;
  /** Express 4: what it has become. */
  regexp?: RegExp & { fast_slash?: boolean };
  keys?: { name: string | number }[];
}

interface Route {
  path: unknown;
  methods: Record<string, boolean>;
  stack: Layer[];
}

type Routing = { stack?: Layer[]; _router?: Routing; router?: Routing } | undefined;

/** Express 4 gives a route of `app.all` each method by its name. */
const ALL_METHODS = 20;

/**
 * All routes of an application or a router, of those that are mounted in it, and of its sub-applications. A route that can be
 * reached in several ways is there once.
 */
export function listRoutes(application: unknown): ListedRoute[] {
  const routes = new Map<Route, ListedRoute[]>();
  const entered = new Set<unknown>();
  const visit = (routing: unknown, prefix: string, outer: RouteMark): void => {
    const stack = stackOf(routing);
    if (!stack || entered.has(stack)) return;
    entered.add(stack);
    const marks: { path: string; mark: RouteMark }[] = [];
    for (const layer of stack) {
      if (layer.route) {
        if (!routes.has(layer.route))
          routes.set(layer.route, methodsOf(layer.route, prefix, within(outer, marks, '')));
        continue;
      }
      const path = mountPath(layer);
      const mark = markOf(layer.handle);
      if (mark) marks.push({ path, mark });
      visit(
        stackOf(layer.handle) ? layer.handle : subApplication(layer),
        prefix + path,
        within(outer, marks, path),
      );
    }
  };
  visit(application, '', {});
  return [...routes.values()].flat();
}

/** What middleware says that stands before others, on all paths or on the same one. */
function within(
  outer: RouteMark,
  marks: readonly { path: string; mark: RouteMark }[],
  path: string,
): RouteMark {
  const said = marks.filter((one) => one.path === '' || one.path === path).map(({ mark }) => mark);
  return Object.assign({}, outer, ...said) as RouteMark;
}

function stackOf(routing: unknown): Layer[] | undefined {
  if (typeof routing !== 'function' && (typeof routing !== 'object' || routing === null)) return undefined;
  const { stack, _router } = routing as NonNullable<Routing>;
  if (Array.isArray(stack)) return stack;
  // In Express 4, `app.router` throws.
  const inner = _router ?? attempt(() => (routing as NonNullable<Routing>).router);
  return Array.isArray(inner?.stack) ? inner.stack : undefined;
}

function methodsOf(route: Route, prefix: string, outer: RouteMark): ListedRoute[] {
  const names = Object.keys(route.methods);
  const own = names.filter((name) => name !== '_all');
  // What `all` does in a chain such as `app.route('/a').all(guard).post(handler)` stands before the others.
  const isAll = own.length === 0 || own.length > ALL_METHODS;
  const path = joined(prefix, routePath(route.path));
  return (isAll ? ['all'] : own).map((name) => {
    const stack = route.stack.filter(
      ({ method }) => name === 'all' || method === undefined || method === name,
    );
    const marks = stack.flatMap(({ handle }) => markOf(handle) ?? []);
    return {
      key: route,
      method: name.toUpperCase(),
      path,
      mark: Object.assign({}, outer, ...marks) as RouteMark,
    };
  });
}

function joined(prefix: string, path: string): string {
  const whole = `${prefix}${path}`;
  return path === '/' && prefix !== '' ? prefix : whole === '' ? '/' : whole;
}

function routePath(path: unknown): string {
  return Array.isArray(path) ? `{${path.map(routePath).join(',')}}` : String(path);
}

/** The path that a router is mounted at; the empty one at the root. */
function mountPath({ rawPath, regexp, keys = [] }: Layer): string {
  if (rawPath !== undefined) return rawPath === '/' ? '' : routePath(rawPath).replace(/\/$/, '');
  if (!regexp || regexp.fast_slash) return '';
  return patternOf(regexp, keys) ?? String(regexp);
}

/** Of Express 4, whose layers keep what `path-to-regexp` has made of `/orgs/:orgId`. */
function patternOf({ source }: RegExp, keys: readonly { name: string | number }[]): string | null {
  const names = keys.map(({ name }) => `:${name}`);
  const path = source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=\\\/\|\$\)$/, '')
    .replace(
      /\(\?:\\\/\(\[\^\\?\/\]\+\?\)\)|\\\/\(\?:\(\[\^\\?\/\]\+\?\)\)|\(\?:\(\[\^\\?\/\]\+\?\)\)/g,
      (found) => {
        const slash = found.startsWith('\\/') || found.startsWith('(?:\\/') ? '/' : '';
        return `${slash}${names.shift() ?? ':'}`;
      },
    )
    .replaceAll('\\/', '/')
    .replaceAll('\\.', '.')
    .replaceAll('\\-', '-');
  return /[\\^$*+?()[\]{}|]/.test(path) ? null : path;
}

/**
 * The application behind what `app.use` makes of a sub-application: a function that keeps it to itself. Before such a function
 * hands a request on, it gives it the prototype of its own requests, which knows the application. There it ends: no middleware
 * of the application is called.
 */
function subApplication({ name, handle }: Layer): unknown {
  if (name !== 'mounted_app' || typeof handle !== 'function') return undefined;
  let found: unknown;
  const stop = (): never => {
    throw new Error('no request');
  };
  const blank = { setHeader: () => undefined, locals: {}, app: { request: {}, response: {} } };
  const target = { method: 'GET', headers: {}, query: {}, app: { request: {}, response: {} } };
  const request = new Proxy(target, {
    get: (own, member, receiver) =>
      member === 'url' && found !== undefined
        ? stop()
        : member === 'url'
          ? '/'
          : (Reflect.get(own, member, receiver) as unknown),
    setPrototypeOf(_, prototype: object | null) {
      found ??= (prototype as { app?: unknown } | null)?.app;
      return stop();
    },
  });
  attempt(() => (handle as (...args: unknown[]) => unknown)(request, blank, () => undefined));
  return found;
}
