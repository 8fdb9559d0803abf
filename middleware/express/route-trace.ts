import type { Request } from 'express';
import { REDACTED, type Secrets } from '../../lib/event/secrets';
import type { MatchedRoute } from '../http/request-scope';
import { attempt } from '../http/attempt';
import { tryDecode, parseTarget } from '../http/request-target';
import { type Layer, type StepObserver, watchSteps } from './router-steps';

/** Where a router is, or hands a request to: the requested path, and its pattern such as `/orgs/:orgId`. */
interface Place {
  readonly url: string;
  readonly pattern: string;
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

const ROOT: Place = { url: '', pattern: '' };

/**
 * Remembers how Express routes a request: it resets `baseUrl` and `params` before error handlers run and before the
 * response has ended.
 */
export class RouteTrace implements StepObserver, MatchedRoute {
  private readonly frames: [Frame, ...Frame[]];
  private params: unknown;
  private parameters: Parameter[] = NONE;
  private secretValues: Set<string> | undefined;
  private matched: { route: object; pattern: string; isEntered: boolean } | undefined;

  constructor(
    readonly req: Request,
    private readonly secrets: Secrets,
  ) {
    this.observe(req.params);
    const base = { url: toText(req.baseUrl), pattern: this.patternOf(toText(req.baseUrl)) };
    this.frames = [{ next: req.next, base, to: base, layer: null, params: req.params }];
    this.routed(routeOf(req), base.pattern, true);
    watchSteps(this);
  }

  step(layer: Layer): void {
    const { req } = this;
    const route = toObject(layer.route);
    if (!route) this.noticeRoute(this.frames.at(-1) as Frame, false);
    const frame = this.frameOf(req.next);
    const isKnown = req.params === this.params && frame.to.url === req.baseUrl;
    if (!isKnown) {
      this.observe(req.params);
      frame.to = this.placeOf(toText(req.baseUrl), frame.base);
    }
    frame.layer = layer;
    frame.params = req.params;
    if (route) this.routed(route, frame.to.pattern, true);
  }

  /** The pattern of the last matched route with its mount path, such as `/orgs/:orgId/members/:id`. */
  get route(): string | undefined {
    this.noticeAnswer();
    return this.matched?.pattern;
  }

  /**
   * The requested path, with `[REDACTED]` in place of each parameter that has a secret name. Where the parameters could not
   * be known it is the pattern.
   */
  get path(): string {
    this.noticeAnswer();
    if (this.matched?.isEntered === false) return this.matched.pattern;
    return eachSegment(parseTarget(this.req).path, (segment) => this.redacted(segment));
  }

  /** The frame of a router: that of which it is the `next`, or a new one in the router that was entered last. */
  private frameOf(next: unknown): Frame {
    const position = this.frames.findIndex((frame) => frame.next === next);
    if (position >= 0) {
      this.frames.splice(position + 1); // inner routers have returned
      return this.frames[position] as Frame;
    }
    const base = (this.frames.at(-1) as Frame).to;
    const frame = { next, base, to: base, layer: null, params: undefined };
    this.frames.push(frame);
    return frame;
  }

  private placeOf(url: string, base: Place): Place {
    if (url === base.url) return base;
    const isInside = url.startsWith(base.url) && (base.url === '' || url[base.url.length] === '/');
    const outer = isInside ? base : ROOT;
    return { url, pattern: outer.pattern + this.patternOf(url.slice(outer.url.length)) };
  }

  private observe(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    this.params = params;
    this.parameters = parametersIn(params);
    for (const { name, part } of this.parameters) {
      if (this.secrets.isName(name)) (this.secretValues ??= new Set()).add(part);
    }
  }

  private routed(route: object | null, mount: string, isEntered: boolean): void {
    const path = (route as { path?: string | RegExp | string[] | null } | null)?.path;
    if (!route || path === undefined || path === null) return;
    const pattern = `${mount}${String(path)}`.replace(/(?<=.)\/$/, '');
    this.matched = { route, pattern, isEntered };
  }

  /** A route whose parameters were refused is matched, but never entered: `router.param` has answered, or failed. */
  private noticeRoute({ base, to, layer }: Frame, isEntered: boolean): void {
    const route = routeOf(this.req);
    if (!route || route === this.matched?.route) return;
    this.routed(route, holds(layer, route) ? to.pattern : base.pattern, isEntered);
  }

  /** A `router.param` that answers itself leaves the parameters; one that fails leaves those that were before. */
  private noticeAnswer(): void {
    const { req, frames } = this;
    const route = routeOf(req);
    if (!route || route === this.matched?.route) return;
    const areItsOwn = !frames.some(({ params }) => params === req.params);
    if (areItsOwn) this.observe(req.params);
    this.noticeRoute(frames.at(-1) as Frame, areItsOwn && toObject(req.params) !== null);
  }

  /**
   * The pattern of a mount path: of `/orgs/7`, `/orgs/:orgId`. Searches from the right, because `parameters` begins with
   * those of outer routers.
   */
  private patternOf(path: string): string {
    const left = this.parameters.slice();
    const named = path
      .split('/')
      .reverse()
      .map((segment) => {
        const position = left.findLastIndex(({ part }) => part === tryDecode(segment));
        const [parameter] = position < 0 ? [] : left.splice(position, 1);
        return parameter ? `:${parameter.name}` : this.redacted(segment);
      });
    return named.reverse().join('/');
  }

  private redacted(segment: string): string {
    if (!this.secretValues) return segment;
    const text = tryDecode(segment);
    return [...this.secretValues].some((value) => text.includes(value)) ? REDACTED : segment;
  }
}

const NONE: Parameter[] = [];

/** A parameter's name, and its value or a segment of it. */
interface Parameter {
  name: string;
  part: string;
}

function eachSegment(path: string, replace: (segment: string) => string): string {
  return path.split('/').map(replace).join('/');
}

/** Outside of routers, `baseUrl` is undefined. */
function toText(baseUrl: unknown): string {
  return typeof baseUrl === 'string' ? baseUrl : '';
}

function routeOf(req: Request): object | null {
  return attempt(() => toObject(req.route)) ?? null;
}

function toObject(value: unknown): object | null {
  return typeof value === 'object' ? value : null;
}

/** Whether a layer is a router that has the route. */
function holds(layer: Layer | null, route: object): boolean {
  const { stack } = (layer?.handle ?? {}) as { stack?: unknown };
  return Array.isArray(stack) && stack.some((inner: Layer) => inner.route === route);
}

function parametersIn(params: object): Parameter[] {
  const entries = Object.entries(params);
  if (entries.length === 0) return NONE;
  return entries.flatMap(([name, value]) => splitParts(value).map((part) => ({ name, part })));
}

/**
 * A wildcard matches several segments: for `/a/b`, Express 4 gives `a/b`, Express 5 gives `['a', 'b']`. A slash may also
 * have been sent as `%2F` within one segment.
 */
function splitParts(value: unknown): string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
  return [...new Set(texts.flatMap((text) => [text, ...text.split('/')]))].filter((part) => part !== '');
}
