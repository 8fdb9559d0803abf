import type { Request } from 'express';
import { REDACTED, type Secrets } from '../../lib/event/secrets';
import { tryDecode, parseTarget } from '../http/request-target';
import { type RoutingObserver, watchRouting } from './routing-watch';

/**
 * Notes how Express routes a request. By the time the response has ended, and in error handlers, Express has put
 * `baseUrl` and `params` back to what they were, so it watches them while they are set: first the parameters of a
 * mount or route, then the mount's `baseUrl`.
 */
export class RouteTrace implements RoutingObserver {
  private pattern: string | undefined;
  private parameters: Parameter[] = NONE;
  /** Each mount path that routing has come to, with its pattern. */
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

  /** The path as requested; where a parameter with a secret name stands, `[REDACTED]`. */
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
    if (mounts.has(baseUrl) && before.startsWith(baseUrl)) return; // back from an inner router
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

  /** A mount path with the names of its parameters; from the right, since the outer routers' come first. */
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

/** What the value of a parameter may be in a path, whole or in part. */
interface Parameter {
  name: string;
  part: string;
}

function eachSegment(path: string, replace: (segment: string) => string): string {
  return path.split('/').map(replace).join('/');
}

/** Outside of all routers, Express leaves `baseUrl` undefined. */
function toText(baseUrl: unknown): string {
  return typeof baseUrl === 'string' ? baseUrl : '';
}

function parametersIn(params: object): Parameter[] {
  const entries = Object.entries(params);
  if (entries.length === 0) return NONE;
  return entries.flatMap(([name, value]) => splitParts(value).map((part) => ({ name, part })));
}

/**
 * Wildcards match several segments: Express 4 gives them as one text, Express 5 as an array. A slash may also have
 * been sent as `%2F`, within one segment.
 */
function splitParts(value: unknown): string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
  return [...new Set(texts.flatMap((text) => [text, ...text.split('/')]))].filter((part) => part !== '');
}
