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

/** How a framework routed a request. */
export interface Routing {
  /** The path as requested, redacted. */
  readonly path: string;
  /** The pattern of the route that matched, such as `/orgs/:orgId`. */
  readonly route: string | undefined;
}

/** What the ledger knows of one request. */
export class RequestScope implements Scope {
  endedAt: number | null = null;
  /** Whether the application itself recorded that something failed or was denied. */
  failureRecorded = false;
  /** Whether the request is one to the audit trail itself, which is not captured. */
  silent = false;
  /** Whether the client stayed until it had the whole answer. */
  completed = false;
  /** That of another ledger, whose middleware the request has passed before. */
  readonly outer: RequestScope | undefined;
  private readonly startedAt = performance.now();
  private durationMs: number | undefined;
  private lastIdentity: KnownIdentity | undefined;
  constructor(
    readonly ledger: Ledger,
    readonly identify: Identify,
    private readonly req: Request,
    private readonly res: Response,
    private readonly trace: Routing,
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
    return this.trace.path;
  }

  /** The pattern of the route that matched. */
  get route(): string | undefined {
    return this.trace.route;
  }

  /** The client's address; empty when it is not known. */
  get address(): string {
    return this.req.ip ?? '';
  }

  /** Marks the end of the response. */
  end(): void {
    if (this.endedAt !== null) return;
    this.endedAt = Date.now();
    this.completed = this.res.writableFinished; // now: of an answer to nobody, Node.js says it afterwards
    this.durationMs = Math.round((performance.now() - this.startedAt) * 1000) / 1000;
  }

  /**
   * Who the request comes from: asked anew until it is answered, since authentication comes later. It may even come
   * after the client has hung up.
   */
  identity(): KnownIdentity {
    if (this.endedAt === null || !this.res.writableEnded) return this.ask();
    return (this.lastIdentity ??= this.ask());
  }

  /** An `identify` that throws is an error to report, not a reason to lose an event. */
  private ask(): KnownIdentity {
    try {
      return readIdentity(this.identify, this.req);
    } catch (error) {
      this.ledger.report(identifyThrew(error));
      return {};
    }
  }

  private context(): EventContext {
    const { req, res, trace } = this;
    return {
      ipAddress: req.ip,
      userAgent: req.get('user-agent'),
      method: req.method,
      route: trace.route,
      path: trace.route === undefined ? undefined : trace.path,
      statusCode: res.headersSent ? res.statusCode : undefined,
      durationMs: this.durationMs,
      requestId: readRequestId(req),
      traceId: parseTraceId(req.get('traceparent')),
    };
  }
}

/** Node.js forgets the address of a client that hangs up, unless it was asked for before. */
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
