import type { Request } from 'express';
import { REDACTED, type Secrets } from '../../lib/event/secrets';
import { tryDecode, parseTarget } from '../http/request-target';
import { type RoutingObserver, watchRouting } from './routing-watch';

/**
 * Remembers how Express routes a request. Express resets `baseUrl` and `params` before error handlers run and before the
 * response has ended, so this observes each change: first the parameters of a mount or route, then the mount's `baseUrl`.
 */
export class RouteTrace implements RoutingObserver {
  private pattern: string | undefined;
  private parameters: Parameter[] = NONE;
  /** Patterns by mount path, such as `/orgs/7` with `/orgs/:orgId`. */
  private mounts: Map<string, string> | undefined;
  private secretValues: Set<string> | undefined;

  constructor(
    private readonly req: Request,
    private readonly secrets: Secrets,
  ) {
    watchRouting(req, this);
  }

  /** The pattern of the last matched route with its mount path, such as `/orgs/:orgId/members/:id`. */
  get route(): string | undefined {
    return this.pattern;
  }

  /** The requested path, with `[REDACTED]` in place of each parameter that has a secret name. */
  get path(): string {
    return eachSegment(parseTarget(this.req).path, (segment) => this.redacted(segment));
  }

  params(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    this.parameters = parametersIn(params);
    for (const { name, part } of this.parameters) {
      if (this.secrets.isName(name)) (this.secretValues ??= new Set()).add(part);
    }
  }

  baseUrl(value: unknown, valueBefore: unknown): void {
    const [baseUrl, before] = [toText(value), toText(valueBefore)];
    if (baseUrl === '' && before === '') return; // no mount yet
    const mounts = (this.mounts ??= new Map<string, string>([['', '']]));
    if (mounts.has(baseUrl) && before.startsWith(baseUrl)) return; // an inner router has returned
    const outer = baseUrl.startsWith(before) ? before : '';
    const pattern = this.patternOf(baseUrl.slice(outer.length));
    mounts.set(baseUrl, `${mounts.get(outer) ?? outer}${pattern}`);
  }

  routed(route: unknown): void {
    const path = (route as { path?: string | RegExp | string[] } | undefined)?.path;
    if (path === undefined) return;
    const mount = this.mounts?.get(this.req.baseUrl) ?? '';
    this.pattern = `${mount}${path.toString()}`.replace(/(?<=.)\/$/, '');
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
