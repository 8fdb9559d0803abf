import type { Request, Response } from 'express';
import type { Ledger } from '../../lib/ledger';
import type { EventContext, Origin } from '../../lib/event/event';
import type { Scope } from '../../lib/scope';
import type { Outcome } from '../../lib/vocabulary';
import { type Identify, readIdentity, type KnownIdentity } from './identity';
import { parseTraceId } from './trace-context';

const SCOPE = Symbol('express-audit-ledger: scope');

/** The scope that `auditMiddleware` gave to a request. */
export function findScope(req: Request): RequestScope | undefined {
  return (req as { [SCOPE]?: RequestScope })[SCOPE];
}

/** Whether a request has a scope of this ledger already. */
export function hasScope(req: Request, ledger: Ledger): boolean {
  let scope = findScope(req);
  while (scope && scope.ledger !== ledger) scope = scope.outer;
  return scope !== undefined;
}

/** The result of a framework's routing. */
export interface MatchedRoute {
  /** The path as requested, redacted. */
  readonly path: string;
  /** The pattern of the route that matched, such as `/orgs/:orgId`. */
  readonly route: string | undefined;
}

/** What the ledger knows about one request. */
export class RequestScope implements Scope {
  endedAt: number | null = null;
  /** Whether the application itself recorded that something failed or was denied. */
  failureRecorded = false;
  /** Whether the request is for the audit trail itself, which is not captured. */
  silent = false;
  /** Whether the client received the whole response. */
  completed = false;
  /** The scope of another ledger, whose middleware the request passed before. */
  readonly outer: RequestScope | undefined;
  private readonly startedAt = performance.now();
  private durationMs: number | undefined;
  private lastIdentity: KnownIdentity | undefined;

  constructor(
    readonly ledger: Ledger,
    readonly identify: Identify,
    private readonly req: Request,
    private readonly res: Response,
    private readonly matched: MatchedRoute,
  ) {
    rememberAddress(req);
    this.outer = findScope(req);
    Object.defineProperty(req, SCOPE, { value: this, configurable: true });
  }

  origin(): Origin {
    return { ...this.identity(), context: this.context() };
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

  /** The client's address; empty when it is not known. */
  get address(): string {
    return this.req.ip ?? '';
  }

  /** Marks the end of the response. */
  end(): void {
    if (this.endedAt !== null) return;
    this.endedAt = Date.now();
    this.completed = this.res.writableFinished; // now: when the client has disconnected, Node.js sets it to true later
    this.durationMs = Math.round((performance.now() - this.startedAt) * 1000) / 1000;
  }

  /**
   * Who the request comes from. Asked each time until the response has ended, because authentication runs after this
   * middleware, and may even end after the client has disconnected.
   */
  identity(): KnownIdentity {
    if (this.endedAt === null || !this.res.writableEnded) return this.ask();
    return (this.lastIdentity ??= this.ask());
  }

  /** When `identify` throws, the error is reported, and the event is recorded without an identity. */
  private ask(): KnownIdentity {
    try {
      return readIdentity(this.identify, this.req, this.ledger);
    } catch (error) {
      this.ledger.report(identifyThrew(error));
      return {};
    }
  }

  private context(): EventContext {
    const { req, res, matched } = this;
    return {
      ipAddress: req.ip,
      userAgent: req.get('user-agent'),
      method: req.method,
      route: matched.route,
      path: matched.route === undefined ? undefined : matched.path,
      statusCode: res.headersSent ? res.statusCode : undefined,
      durationMs: this.durationMs,
      requestId: readRequestId(req),
      traceId: parseTraceId(req.get('traceparent')),
    };
  }
}

/** Node.js forgets the address of a client that disconnects, unless it was read before. */
function rememberAddress({ socket }: Request): string | undefined {
  return socket.remoteAddress;
}

function readRequestId(req: Request): string | undefined {
  const { id } = req as { id?: unknown };
  return typeof id === 'string' || typeof id === 'number' ? String(id) : req.get('x-request-id');
}

function identifyThrew(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`\`identify\` threw, and the request counts as anonymous: ${why}`, { cause });
}
