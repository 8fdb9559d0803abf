import type { Request } from 'express';
import { REDACTED, type Secrets } from '../lib/record/secrets';
import { decoded, targetOf } from './request-target';

/**
 * Notes how Express routes a request. By the time the response has ended, and in error handlers, Express has put
 * `baseUrl` and `params` back to what they were, so it watches them while they are set: first the parameters of a
 * mount or route, then the mount's `baseUrl`.
 */
export class RouteTrace {
  private pattern: string | undefined;
  private params: Parameter[] = [];
  /** Each mount path that routing has come to, with its pattern. */
  private readonly mounts = new Map<string, string>();
  private readonly secretValues = new Set<string>();

  constructor(
    private readonly req: Request,
    private readonly secrets: Secrets,
  ) {
    watch(req, 'params', (params) => this.noteParams(params));
    watch(req, 'baseUrl', (baseUrl, before) => this.noteMount(textOf(baseUrl), textOf(before)));
    watch(req, 'route', (route) => this.noteRoute(route));
  }

  /** The pattern of the last matched route with its mount path, such as `/orgs/:orgId/members/:id`. */
  get route(): string | undefined {
    return this.pattern;
  }

  /** The path as requested; where a parameter with a secret name stands, `[REDACTED]`. */
  get path(): string {
    return eachSegment(targetOf(this.req).path, (segment) => this.redacted(segment));
  }

  private noteParams(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    this.params = Object.entries(params).flatMap(([name, value]) =>
      partsOf(value).map((part) => ({ name, part })),
    );
    for (const { name, part } of this.params) {
      if (this.secrets.isName(name)) this.secretValues.add(part);
    }
  }

  private noteMount(baseUrl: string, before: string): void {
    if (this.mounts.has(baseUrl) && before.startsWith(baseUrl)) return; // back from an inner router
    const outer = baseUrl.startsWith(before) ? before : '';
    const pattern = this.patternOf(baseUrl.slice(outer.length));
    this.mounts.set(baseUrl, `${this.mounts.get(outer) ?? outer}${pattern}`);
  }

  private noteRoute(route: unknown): void {
    const path = (route as { path?: string | RegExp | string[] } | undefined)?.path;
    if (path === undefined) return;
    const mount = this.mounts.get(this.req.baseUrl) ?? '';
    this.pattern = `${mount}${path.toString()}`.replace(/(?<=.)\/$/, '');
  }

  /** A mount path with the names of its parameters; from the right, since the outer routers' come first. */
  private patternOf(path: string): string {
    const left = this.params.slice();
    const named = path
      .split('/')
      .reverse()
      .map((segment) => {
        const position = left.findLastIndex(({ part }) => part === decoded(segment));
        const [parameter] = position < 0 ? [] : left.splice(position, 1);
        return parameter ? `:${parameter.name}` : this.redacted(segment);
      });
    return named.reverse().join('/');
  }

  private redacted(segment: string): string {
    if (this.secretValues.size === 0) return segment;
    const text = decoded(segment);
    return [...this.secretValues].some((value) => text.includes(value)) ? REDACTED : segment;
  }
}

/** What the value of a parameter may be in a path, whole or in part. */
interface Parameter {
  name: string;
  part: string;
}

function eachSegment(path: string, replace: (segment: string) => string): string {
  return path.split('/').map(replace).join('/');
}

/** Outside of all routers, Express leaves `baseUrl` undefined. */
function textOf(baseUrl: unknown): string {
  return typeof baseUrl === 'string' ? baseUrl : '';
}

/** Calls `set` with each value that a property is given, and has now. */
function watch(
  req: Request,
  name: 'params' | 'baseUrl' | 'route',
  set: (value: unknown, before?: unknown) => void,
): void {
  let value: unknown = req[name];
  Object.defineProperty(req, name, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: unknown) => {
      const before = value;
      value = next;
      set(next, before);
    },
  });
  if (value !== undefined) set(value);
}

/**
 * Wildcards match several segments: Express 4 gives them as one text, Express 5 as an array. A slash may also have
 * been sent as `%2F`, within one segment.
 */
function partsOf(value: unknown): string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
  return [...new Set(texts.flatMap((text) => [text, ...text.split('/')]))].filter((part) => part !== '');
}
