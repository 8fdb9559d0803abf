import { AuditError } from '../../lib/errors';
import type { AuditEvent } from '../../lib/event/event';
import { Complaints, isObject } from '../../lib/util/complaints';
import { isRefusalStatus, outcomeOf } from './capture';
import { isPromise } from './promise';
import type { RequestScope } from './request-scope';
import type { ResponseObserver } from './ports';
import type { RouteMark } from './route-marks';

/** A member of an event, or what makes it once the request is answered. */
type Of<Sources extends readonly unknown[], Value> = Value | ((...sources: Sources) => Value);

/** What `audited` records beside the action, the request's user and its context. */
export interface AuditedOptions<Sources extends readonly unknown[]> {
  resource?: Of<Sources, AuditEvent['resource']> | undefined;
  metadata?: Of<Sources, AuditEvent['metadata']> | undefined;
  before?: Of<Sources, unknown>;
  after?: Of<Sources, unknown>;
  /** Whether to record it: always when left out. */
  when?: ((...sources: Sources) => boolean) | undefined;
}

const MEMBERS = ['resource', 'metadata', 'before', 'after'] as const;

/** @throws AuditError `INVALID_OPTIONS`. */
export function checkAudited(action: unknown, options: unknown): RouteMark {
  const complaints = new Complaints();
  if (typeof action !== 'string' || action === '')
    complaints.add('action', 'a name such as org.member.invite', action);
  if (!isObject(options)) complaints.add('options', 'an object such as { resource, metadata }', options);
  else {
    complaints.unknownFields(options, [...MEMBERS, 'when']);
    const { when } = options;
    if (when !== undefined && typeof when !== 'function') complaints.add('when', 'a function', when);
  }
  complaints.assertNone('INVALID_OPTIONS', 'audited cannot record');
  return { action: action as string };
}

/**
 * What `exempt` and `sensitive` say.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function checkReason(name: string, reason: unknown): string {
  if (typeof reason === 'string' && reason.trim() !== '') return reason;
  const complaints = new Complaints();
  complaints.add('reason', 'a text that says why', reason);
  complaints.assertNone('INVALID_OPTIONS', `${name} needs its reason`);
  return '';
}

/** Notes what a route says of itself, for the report of `auditCoverage`. */
export function noteMark(innermost: RequestScope | undefined, { exemption, sensitivity }: RouteMark): void {
  for (let scope = innermost; scope; scope = scope.outer) {
    scope.exemption ??= exemption;
    scope.sensitivity ??= sensitivity;
  }
}

/**
 * Records an event once the request is answered, with the outcome that its status says, also when its client is gone.
 * @throws AuditError `INVALID_OPTIONS` for a request that no ledger follows.
 */
export function recordWhenAnswered(
  scope: RequestScope | undefined,
  action: string,
  options: AuditedOptions<never>,
): void {
  if (!scope) {
    const mend = 'mount auditMiddleware() before the route';
    throw new AuditError('INVALID_OPTIONS', `audited('${action}') has no request to record in: ${mend}.`);
  }
  const audited = new AuditedRoute(scope, action, options);
  // Before what captures refusals, which leaves to the application what that has recorded itself.
  scope.response.observers.unshift(audited);
  scope.response.whenOver(() => audited.over());
}

/** One request of such a route. */
class AuditedRoute implements ResponseObserver {
  private isDone = false;

  constructor(
    private readonly scope: RequestScope,
    private readonly action: string,
    private readonly options: AuditedOptions<never>,
  ) {}

  headed(): void {
    // The answer may still fail.
  }

  ended(): void {
    this.record();
  }

  /** The client is gone; the handler may still answer, and does not have to. */
  over(): void {
    this.record();
  }

  private record(): void {
    if (this.isDone) return;
    this.isDone = true;
    const { scope } = this;
    try {
      if (!this.isWanted()) return;
      const { isAnswered, status } = scope.response;
      const outcome = isAnswered ? outcomeOf(status) : 'failure';
      // Of a refused stranger no tenant is known: that is left to capture, which has a chain for it.
      const isNobodys = scope.identity().tenantId === undefined && scope.ledger.defaultTenant === undefined;
      if (isNobodys && isAnswered && isRefusalStatus(status)) return;
      void scope.ledger.eventIn(scope, { ...this.members(), action: this.action, outcome });
    } catch (cause) {
      scope.ledger.report(new Error(`audited('${this.action}') could not record`, { cause }));
    }
  }

  private isWanted(): boolean {
    const { when } = this.options;
    return when === undefined || this.made('when', when) !== false;
  }

  private members(): Partial<AuditEvent> {
    const made = MEMBERS.map((name) => {
      const given: unknown = this.options[name];
      return [name, typeof given === 'function' ? this.made(name, given as () => unknown) : given] as const;
    });
    return Object.fromEntries(made.filter(([, value]) => value !== undefined));
  }

  /** What a user has sent must not keep an event from being recorded. */
  private made(name: string, make: (...sources: never) => unknown): unknown {
    try {
      const value = make(...(this.scope.request.sources as never));
      if (isPromise(value)) throw new TypeError('It must answer at once, got a promise');
      return value;
    } catch (cause) {
      const what = `The function \`${name}\` of audited('${this.action}') failed, and the event is recorded without it`;
      this.scope.ledger.report(new Error(what, { cause }));
      return undefined;
    }
  }
}
