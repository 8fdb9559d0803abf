import type { Ledger } from '../../lib/ledger';
import type { EventContext, Origin } from '../../lib/event/event';
import type { Scope } from '../../lib/scope';
import { processName, processWide } from '../../lib/process-wide';
import { type Identify, type KnownIdentity, readIdentity } from './identity';
import type { RequestPort, ResponseObserver, ResponsePort } from './ports';
import { unroutedPath } from './route-path';
import { parseTraceId } from './trace-context';

const SCOPE: unique symbol = Symbol.for(processName('scope'));

/** The scope that was given to a request; the innermost, where there are several. */
export function findScope(request: object): RequestScope | undefined {
  return (request as { [SCOPE]?: RequestScope })[SCOPE];
}

/** The scope of this ledger, among one and those further out. */
export function scopeOfLedger(
  ledger: Ledger,
  innermost: RequestScope | undefined,
  isIts: (scope: RequestScope) => boolean = () => true,
): RequestScope | undefined {
  let scope = innermost;
  while (scope && !(scope.ledger === ledger && isIts(scope))) scope = scope.outer;
  return scope;
}

/** A request's scope of this ledger; one that inherits from another request, but has a response of its own, has none. */
export function findScopeOf(ledger: Ledger, request: object, response: unknown): RequestScope | undefined {
  return scopeOfLedger(ledger, findScope(request), (scope) => scope.response.is(response));
}

/** An identity, or none because `identify` failed. */
interface FoundIdentity extends KnownIdentity {
  isUnreadable?: boolean;
}

/** Told of each request that is followed, such as by the coverage of a test suite. */
export const SCOPE_WATCHES = processWide('watches', () => new Set<(scope: RequestScope) => void>());

/** What the ledger knows about one request. */
export class RequestScope implements Scope {
  /** Whether the application itself recorded that something failed or was denied. */
  failureRecorded = false;
  /** Whether it recorded who did something: of a webhook, it alone knows. */
  actorRecorded = false;
  /** Whether the request is for the audit trail itself, which is not captured. */
  silent = false;
  /** Whether it was refused there: that alone is captured. */
  refused = false;
  /** Whether the client received the whole response. */
  completed = false;
  /** Records what the request's middleware captures. */
  exchange: (ResponseObserver & { configure(settings: object): void }) | undefined;
  /** Why the route needs no event, where it says so. */
  exemption: string | undefined;
  /** What the route reads, where it says that it is sensitive. */
  sensitivity: string | undefined;
  noted?: Scope['noted'];
  /** The scope of another ledger, whose middleware the request passed before. */
  readonly outer: RequestScope | undefined;
  private readonly startedAt = performance.now();
  private durationMs: number | undefined;
  private sentStatus: number | undefined;
  private lastIdentity: FoundIdentity | undefined;
  /** Who it is by the means of what answers it, such as the trail's own `identify`. */
  private known: KnownIdentity | undefined;

  /** @param holder the object by which others find this scope of a request: `findScope` */
  constructor(
    readonly ledger: Ledger,
    /** Of the innermost middleware that was given one. */
    public identify: Identify,
    readonly request: RequestPort,
    readonly response: ResponsePort,
    readonly holder: object,
  ) {
    this.outer = findScope(holder);
    Object.defineProperty(holder, SCOPE, { value: this, configurable: true });
    for (const watch of SCOPE_WATCHES) watch(this);
  }

  /** The options of what follows the request further in hold for what is below it. */
  narrow({ identify, capture }: { identify: Identify | undefined; capture: object }): void {
    if (identify) this.identify = identify;
    this.exchange?.configure(capture);
  }

  get isOver(): boolean {
    return this.response.isEnded && this.request.isFollowUp !== true;
  }

  origin(): Origin {
    const { actor, tenantId } = this.identity();
    return { actor, tenantId, context: this.context() };
  }

  actor(): Origin['actor'] {
    return this.identity().actor;
  }

  recorded({ outcome, actorType }: Parameters<Scope['recorded']>[0]): void {
    if (outcome !== 'success') this.failureRecorded = true;
    if (actorType !== 'anonymous') this.actorRecorded = true;
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
    if (this.known) return this.known;
    if (!this.response.isEnded) return this.ask();
    return (this.lastIdentity ??= this.ask());
  }

  /** What answers the request has found out who asks, by means of its own: that counts from now on. */
  identified(identity: KnownIdentity): void {
    this.known = identity;
  }

  /** When `identify` throws, the error is reported, and the event is recorded without an identity. */
  private ask(): FoundIdentity {
    try {
      return readIdentity(this.identify, this.request.sources[0], this.ledger);
    } catch (error) {
      this.ledger.report(identifyThrew(error));
      return { isUnreadable: true };
    }
  }

  private age(): number {
    return Math.round((performance.now() - this.startedAt) * 1000) / 1000;
  }

  private context(): EventContext {
    const { request, response } = this;
    const { route } = request;
    const path = route === undefined ? unroutedPath(request.target.path, this.ledger.secrets) : request.path;
    return {
      ipAddress: request.address,
      userAgent: request.header('user-agent'),
      method: request.method,
      route,
      path: path || undefined,
      statusCode: this.sentStatus ?? (response.isAnswered ? response.status : undefined),
      durationMs: this.durationMs,
      requestId: request.id ?? request.header('x-request-id'),
      traceId: parseTraceId(request.header('traceparent')),
    };
  }
}

function identifyThrew(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`\`identify\` threw, and the request counts as anonymous: ${why}`, { cause });
}
