import type { Request, Response } from 'express';
import type { Ledger } from '../../lib/ledger';
import type { EventContext, Origin } from '../../lib/event/event';
import type { Scope } from '../../lib/scope';
import type { Outcome } from '../../lib/vocabulary';
import { attempt } from './attempt';
import { type Identify, type KnownIdentity, readIdentity } from './identity';
import { parseTraceId } from './trace-context';

const SCOPE = Symbol('express-audit-ledger: scope');

/** The scope that `auditMiddleware` gave to a request; the innermost, where there are several. */
export function findScope(req: Request): RequestScope | undefined {
  return (req as { [SCOPE]?: RequestScope })[SCOPE];
}

/** A request's scope of this ledger; one that inherits from another request, but has a response of its own, has none. */
export function findScopeOf(ledger: Ledger, req: Request, res: Response): RequestScope | undefined {
  let scope = findScope(req);
  while (scope && !(scope.ledger === ledger && scope.isOf(res))) scope = scope.outer;
  return scope;
}

/** The result of a framework's routing. */
export interface MatchedRoute<Step = unknown> {
  /** Notes a step of the framework's routing. */
  step(step: Step): void;
  /** The path as requested, redacted. */
  readonly path: string;
  /** The pattern of the route that matched, such as `/orgs/:orgId`. */
  readonly route: string | undefined;
  /** Whether what answers is the framework's own server of a folder's files. */
  readonly isFileServer: boolean;
}

/** An identity, or none because `identify` failed. */
interface FoundIdentity extends KnownIdentity {
  isUnreadable?: boolean;
}

/** What the ledger knows about one request. */
export class RequestScope implements Scope {
  /** Whether the application itself recorded that something failed or was denied. */
  failureRecorded = false;
  /** Whether the request is for the audit trail itself, which is not captured. */
  silent = false;
  /** Whether the client received the whole response. */
  completed = false;
  /** Records what the request's middleware captures. */
  exchange: { configure(settings: object): void } | undefined;
  /** The scope of another ledger, whose middleware the request passed before. */
  readonly outer: RequestScope | undefined;
  private readonly startedAt = performance.now();
  private durationMs: number | undefined;
  private sentStatus: number | undefined;
  private lastIdentity: FoundIdentity | undefined;

  constructor(
    readonly ledger: Ledger,
    /** Of the innermost middleware that was given one. */
    public identify: Identify,
    readonly req: Request,
    private readonly res: Response,
    readonly matched: MatchedRoute,
  ) {
    rememberAddress(req);
    this.outer = findScope(req);
    Object.defineProperty(req, SCOPE, { value: this, configurable: true });
  }

  /** Whether `res` is this request's response, or inherits from it. */
  isOf(res: Response): boolean {
    return res === this.res || Object.prototype.isPrototypeOf.call(this.res, res);
  }

  get isOver(): boolean {
    return this.res.writableEnded;
  }

  origin(): Origin {
    const { actor, tenantId } = this.identity();
    return { actor, tenantId, context: this.context() };
  }

  recorded(outcome: Outcome): void {
    if (outcome !== 'success') this.failureRecorded = true;
  }

  /** The request's path, redacted. */
  get path(): string {
    return this.matched.path;
  }

  /** The pattern of the route that matched. */
  get route(): string | undefined {
    return this.matched.route;
  }

  /** Whether the framework's own file server answers. */
  get isFileServer(): boolean {
    return this.matched.isFileServer;
  }

  /** The client's address; empty when it is not known. */
  get address(): string {
    return readAddress(this.req) ?? '';
  }

  /** Notes the status that was sent: an error handler may set another one afterwards. */
  headed(status: number): void {
    this.sentStatus = status;
  }

  /** Marks that the application has answered. */
  answered(): void {
    this.durationMs ??= this.age();
  }

  /** Marks the end of the response. */
  end(isCompleted: boolean): void {
    this.durationMs = this.age();
    this.completed = isCompleted;
  }

  /**
   * Who the request comes from. Asked each time until the application has answered, because authentication runs after
   * this middleware, and may even end after the client has disconnected.
   */
  identity(): FoundIdentity {
    if (!this.res.writableEnded) return this.ask();
    return (this.lastIdentity ??= this.ask());
  }

  /** When `identify` throws, the error is reported, and the event is recorded without an identity. */
  private ask(): FoundIdentity {
    try {
      return readIdentity(this.identify, this.req, this.ledger);
    } catch (error) {
      this.ledger.report(identifyThrew(error));
      return { isUnreadable: true };
    }
  }

  private age(): number {
    return Math.round((performance.now() - this.startedAt) * 1000) / 1000;
  }

  private context(): EventContext {
    const { req, res, matched } = this;
    return {
      ipAddress: readAddress(req),
      userAgent: readHeader(req, 'user-agent'),
      method: req.method,
      route: matched.route,
      path: matched.route === undefined ? undefined : matched.path,
      statusCode: this.sentStatus ?? (res.headersSent || res.writableEnded ? res.statusCode : undefined),
      durationMs: this.durationMs,
      requestId: readRequestId(req),
      traceId: parseTraceId(readHeader(req, 'traceparent')),
    };
  }
}

/** Node.js forgets the address of a client that disconnects, unless it was read before. */
function rememberAddress(req: Request): string | undefined {
  return attempt(() => req.socket.remoteAddress);
}

/** `req.ip` asks the application's own `trust proxy`, which may throw for what a client has sent. */
function readAddress(req: Request): string | undefined {
  return attempt(() => req.ip) ?? rememberAddress(req);
}

function readRequestId(req: Request): string | undefined {
  const id = attempt(() => (req as { id?: unknown }).id);
  return typeof id === 'string' || typeof id === 'number' ? String(id) : readHeader(req, 'x-request-id');
}

/** A header as a text: requests made by programs may have others, or no headers. */
function readHeader(req: Request, name: string): string | undefined {
  const value: unknown = attempt(() => req.headers[name]);
  return typeof value === 'string' ? value : undefined;
}

function identifyThrew(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`\`identify\` threw, and the request counts as anonymous: ${why}`, { cause });
}
