import { REDACTED, type Secrets } from '../../lib/event/secrets';
import { attempt } from '../../lib/util/attempt';
import { tryDecode, parseTarget } from '../http/request-target';
import type { Request } from './types';

/** What a router of Express calls for a request: a handler, a route or another router, and where it is mounted. */
export interface Layer {
  /** That of the function that it calls. */
  readonly name?: string | undefined;
  readonly route?: object | undefined;
  readonly handle?: unknown;
}

/** Where a router is, or hands a request to: the requested path, and its pattern such as `/orgs/:orgId`. */
class Place {
  private made: string | undefined;

  constructor(
    readonly url: string,
    private readonly make: () => string,
  ) {}

  /** Made when it is asked for: of most requests nothing is recorded. */
  get pattern(): string {
    return (this.made ??= this.make());
  }
}

/** One of the routers that a request is in. */
interface Frame {
  /** The router's own `next`, which tells it from others. */
  readonly next: unknown;
  readonly base: Place;
  /** Where the router has handed the request to. */
  to: Place;
  layer: Layer | null;
  params: unknown;
}

/** The function that `express.static` gives. */
const FILE_SERVER = 'serveStatic';

const NONE: readonly object[] = [];

const ROOT = new Place('', () => '');

/**
 * Remembers how Express routes a request: it resets `baseUrl` and `params` before error handlers run and before the
 * response has ended.
 */
export class RouteTrace {
  isFileServer = false;
  /** Express's objects of the routes that matched before the last one. */
  passed: readonly object[] = NONE;
  private readonly frames: [Frame, ...Frame[]];
  private params: unknown;
  /** All parameters so far. */
  private readonly seen: object[] = [];
  private matched: { route: object; place: Place; isEntered: boolean } | undefined;

  constructor(
    private readonly req: Request,
    private readonly secrets: Secrets,
  ) {
    this.observe(req.params);
    const base = this.placeOf(toText(req.baseUrl), ROOT);
    this.frames = [{ next: req.next, base, to: base, layer: null, params: req.params }];
    this.routed(attempt(() => toObject(req.route)) ?? null, base, true);
  }

  step(layer: Layer): void {
    const { req } = this;
    const { route } = layer;
    if (!route) this.noticeRoute(this.frames.at(-1) as Frame, false);
    const frame = this.frameOf(req.next);
    const { params } = req;
    if (params !== this.params || frame.to.url !== req.baseUrl) {
      this.observe(params);
      frame.to = this.placeOf(toText(req.baseUrl), frame.base);
    }
    frame.layer = layer;
    frame.params = params;
    this.isFileServer = layer.name === FILE_SERVER;
    if (route) this.routed(route, frame.to, true);
  }

  /** The pattern of the last matched route with its mount path, such as `/orgs/:orgId/members/:id`. */
  get route(): string | undefined {
    this.noticeAnswer();
    return this.matched?.place.pattern;
  }

  /** The pattern of where the request was last handed to, be it a route or not; empty at the root. */
  get mount(): string {
    return (this.frames.at(-1) as Frame).to.pattern;
  }

  /** Express's object of the last matched route. */
  get routeObject(): object | undefined {
    this.noticeAnswer();
    return this.matched?.route;
  }

  /**
   * The requested path, with `[REDACTED]` in place of each parameter that has a secret name. Where the parameters could not
   * be known it is the pattern.
   */
  get path(): string {
    this.noticeAnswer();
    if (this.matched?.isEntered === false) return this.matched.place.pattern;
    const { path } = parseTarget(this.req);
    return this.redactedPath(path, this.seen) ?? this.matched?.place.pattern ?? REDACTED;
  }

  /** The frame of a router: that of which it is the `next`, or a new one in the router that was entered last. */
  private frameOf(next: unknown): Frame {
    const last = this.frames.at(-1) as Frame;
    if (last.next === next) return last;
    const position = this.frames.findIndex((frame) => frame.next === next);
    if (position >= 0) {
      this.frames.splice(position + 1); // inner routers have returned
      return this.frames[position] as Frame;
    }
    const base = last.to;
    const frame = { next, base, to: base, layer: null, params: undefined };
    this.frames.push(frame);
    return frame;
  }

  private placeOf(url: string, base: Place): Place {
    if (url === base.url) return base;
    const isInside = url.startsWith(base.url) && (base.url === '' || url[base.url.length] === '/');
    const outer = isInside ? base : ROOT;
    const params = isFilled(this.params) ? { ...this.params } : null; // handlers may change them meanwhile
    return new Place(url, () => outer.pattern + this.patternOf(url.slice(outer.url.length), params));
  }

  private observe(params: unknown): void {
    this.params = params;
    if (isFilled(params)) this.seen.push(params);
  }

  private routed(route: object | null, mount: Place, isEntered: boolean): void {
    const path = (route as { path?: string | RegExp | string[] | null } | null)?.path;
    if (!route || path === undefined || path === null) return;
    const place = new Place(mount.url, () => `${mount.pattern}${String(path)}`.replace(/(?<=.)\/$/, ''));
    if (this.matched && this.matched.route !== route) this.passed = [...this.passed, this.matched.route];
    this.matched = { route, place, isEntered };
  }

  /** A route whose parameters were refused is matched, but never entered: `router.param` has answered, or failed. */
  private noticeRoute({ base, to, layer }: Frame, isEntered: boolean): void {
    const route = toObject(this.req.route);
    if (!route || route === this.matched?.route) return;
    this.routed(route, holds(layer, route) ? to : base, isEntered);
  }

  /** A `router.param` that answers itself leaves the parameters; one that fails leaves those that were before. */
  private noticeAnswer(): void {
    const { req, frames } = this;
    const route = attempt(() => toObject(req.route));
    if (!route || route === this.matched?.route) return;
    const areItsOwn = !frames.some(({ params }) => params === req.params);
    if (areItsOwn) this.observe(req.params);
    this.noticeRoute(frames.at(-1) as Frame, areItsOwn && toObject(req.params) !== null);
  }

  /**
   * The pattern of a mount path: of `/orgs/7`, `/orgs/:orgId`. Searches from the right, because `params` begins with those
   * of outer routers.
   */
  private patternOf(path: string, params: object | null): string {
    if (params === null) return path;
    const redacted = this.redactedPath(path, [params]);
    if (redacted === null) return `/${REDACTED}`;
    const left = parametersIn(params);
    const shown = redacted.split('/');
    const named = path.split('/').map((segment, i) => ({ segment, shown: shown[i] as string }));
    for (const one of named.reverse()) {
      const position = left.findLastIndex(({ part }) => part === tryDecode(one.segment));
      const [parameter] = position < 0 ? [] : left.splice(position, 1);
      if (parameter) one.shown = `:${parameter.name}`;
    }
    return named
      .reverse()
      .map((one) => one.shown)
      .join('/');
  }

  /**
   * A path with each segment redacted that holds the value of a parameter with a secret name. Null where such a parameter
   * is not found in it: a `router.param` has put something else in its place.
   */
  private redactedPath(path: string, params: readonly object[]): string | null {
    const secrets = params.flatMap((one) => this.secretsIn(one));
    if (secrets.length === 0) return path;
    const segments = path.split('/').map((segment) => ({ segment, text: tryDecode(segment) }));
    const holders = secrets.map((parts) =>
      segments.filter(({ text }) => parts.some((part) => text.includes(part))),
    );
    if (holders.some((found) => found.length === 0)) return null;
    const secret = new Set(holders.flat());
    return segments.map((one) => (secret.has(one) ? REDACTED : one.segment)).join('/');
  }

  /** The parts of each parameter with a secret name. */
  private secretsIn(params: object): string[][] {
    return Object.entries(params)
      .filter(([name, value]) => value !== undefined && value !== '' && this.secrets.isName(name))
      .map(([, value]) => splitParts(value));
  }
}

/** A parameter's name, and its value or a segment of it. */
interface Parameter {
  name: string;
  part: string;
}

/** Outside of routers, `baseUrl` is undefined. */
function toText(baseUrl: unknown): string {
  return typeof baseUrl === 'string' ? baseUrl : '';
}

function toObject(value: unknown): object | null {
  return typeof value === 'object' ? value : null;
}

/** Whether a layer is a router that has the route. */
function holds(layer: Layer | null, route: object): boolean {
  const { stack } = (layer?.handle ?? {}) as { stack?: unknown };
  return Array.isArray(stack) && stack.some((inner: Layer) => inner.route === route);
}

/** Whether there is a parameter; most steps have none. */
function isFilled(params: unknown): params is object {
  if (typeof params !== 'object' || params === null) return false;
  for (const name in params) if (Object.hasOwn(params, name)) return true;
  return false;
}

/** The whole value of each parameter, and its segments. One whose value is no text any more has none. */
function parametersIn(params: object): Parameter[] {
  return Object.entries(params).flatMap(([name, value]) => splitParts(value).map((part) => ({ name, part })));
}

/**
 * A wildcard matches several segments: for `/a/b`, Express 4 gives `a/b`, Express 5 gives `['a', 'b']`. A slash may also
 * have been sent as `%2F` within one segment.
 */
function splitParts(value: unknown): string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
  return [...new Set(texts.flatMap((text) => [text, ...text.split('/')]))].filter((part) => part !== '');
}
