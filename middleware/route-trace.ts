import type { Request } from 'express';
import { REDACTED, type Secrets } from '../lib/record/secrets';

/**
 * Notes how Express routes a request. By the time the response has ended, and in error handlers, Express has put
 * `baseUrl` and `params` back to what they were, so it watches them while they are set.
 */
export class RouteTrace {
  private pattern: string | undefined;
  /** Each parameter value that routing has produced, with its name. */
  private readonly names = new Map<string, string>();
  private readonly secretValues = new Set<string>();

  constructor(
    private readonly req: Request,
    private readonly secrets: Secrets,
  ) {
    watch(req, 'params', (params) => this.noteParams(params));
    watch(req, 'route', (route) => this.noteRoute(route));
  }

  /** The pattern of the last matched route with its mount path, such as `/orgs/:orgId/members/:id`. */
  get route(): string | undefined {
    return this.pattern;
  }

  /** The path as requested; where a parameter with a secret name stands, `[REDACTED]`. */
  get path(): string {
    const path = this.req.originalUrl.split('?', 1)[0] ?? '';
    if (this.secretValues.size === 0) return path;
    return eachSegment(path, (segment) => (this.isSecret(decoded(segment)) ? REDACTED : segment));
  }

  private noteParams(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    for (const [name, value] of Object.entries(params)) {
      for (const part of partsOf(value)) {
        this.names.set(part, name);
        if (this.secrets.isName(name)) this.secretValues.add(part);
      }
    }
  }

  private noteRoute(route: unknown): void {
    const path = (route as { path?: string | RegExp | string[] } | undefined)?.path;
    if (path === undefined) return;
    const mount = eachSegment(this.req.baseUrl, (segment) => {
      const name = this.names.get(decoded(segment));
      return name === undefined ? segment : `:${name}`;
    });
    this.pattern = `${mount}${path.toString()}`.replace(/(?<=.)\/$/, '');
  }

  private isSecret(segment: string): boolean {
    return [...this.secretValues].some((value) => segment.includes(value));
  }
}

function eachSegment(path: string, replace: (segment: string) => string): string {
  return path.split('/').map(replace).join('/');
}

/** Calls `set` with each value that a property is given. */
function watch(req: Request, name: 'params' | 'route', set: (value: unknown) => void): void {
  let value: unknown = req[name];
  Object.defineProperty(req, name, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: unknown) => {
      value = next;
      set(next);
    },
  });
}

/** Wildcards match several segments: Express 4 gives them as one text, Express 5 as an array. */
function partsOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value : [value];
  return texts
    .flatMap((text) => (typeof text === 'string' ? text.split('/') : []))
    .filter((part) => part !== '');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // malformed: Express itself answers 400 before any route has its value
  }
}
