import { AuditError, type AuditErrorCode, type EventName, isAuditError } from '../errors';

/** What an alarm is about: one tenant's chain, the outbox, or the whole store. */
export type AlarmSubject =
  | { readonly kind: 'tenant'; readonly tenantId: string }
  | { readonly kind: 'outbox' }
  | { readonly kind: 'store' }
  | { readonly kind: 'progress' };

/** Who meets an error, and reports it. */
export type AlarmReporter = Extract<AlarmSubject, { kind: 'tenant' | 'outbox' }>;

export const OUTBOX: AlarmReporter = { kind: 'outbox' };
const STORE: AlarmSubject = { kind: 'store' };
const PROGRESS: AlarmSubject = { kind: 'progress' };

/** A wrong clock is reported once in so many milliseconds: it concerns all tenants that its machine writes. */
const CLOCK_SILENCE = 60_000;

/** Receives the news that recording stops, and that it continues. */
export interface AlarmListener {
  failed(error: AuditError, concern?: { tenantId: string }): void;
  /** For a failure that the callers know already. @returns whether it is recorded */
  recordFailure(error: AuditError, concern?: { event: EventName }): boolean;
  /** @param since when it stopped, in milliseconds since 1970 */
  resumed(error: AuditError, since: number, refused: number, concern?: { tenantId: string }): void;
}

/** Codes of errors that stop the recording of one tenant alone. */
const OF_ONE_CHAIN: ReadonlySet<AuditErrorCode> = new Set(['HEAD_ALTERED', 'CHAIN_BLOCKED', 'UNREADABLE']);

/** Whether an error stops the recording of one tenant alone. */
export function isOfOneChain(error: unknown): error is AuditError {
  return isAuditError(error) && OF_ONE_CHAIN.has(error.code);
}

/** Reports that recording has stopped, once until it continues: an outage of an hour is one error, not thousands. */
export class Alarm {
  /** The alarms that have not ended, by `keyOf` their subject. */
  private readonly raised = new Map<string, { error: AuditError; since: number }>();
  /**
   * Reporters that met an error of the store and have not succeeded since. The alarm of the store ends when both have
   * succeeded: that the outbox can be read does not prove that the chains can be written.
   */
  private readonly failing = new Set<AlarmReporter['kind']>();
  private clockReportedAt = -Infinity;

  constructor(
    private readonly listener: AlarmListener,
    private readonly now: () => number,
  ) {}

  /** An error stops recording. What is wrong with a chain concerns its tenant; all other errors concern the whole store. */
  raise(reporter: AlarmReporter, cause: unknown): void {
    const isOfChain = isOfOneChain(cause);
    const subject = isOfChain && reporter.kind === 'tenant' ? reporter : STORE;
    if (subject === STORE) this.failing.add(reporter.kind);
    const key = keyOf(subject);
    if (this.raised.has(key)) return;
    const error = isOfChain ? cause : unavailable(cause);
    this.raised.set(key, { error, since: this.now() });
    this.listener.failed(error, toConcern(subject));
  }

  /** Events wait, and nothing gets on, though no error says why: told unless an alarm has not ended. */
  stalled(error: AuditError): void {
    if (this.raised.size > 0) return;
    this.raised.set(keyOf(PROGRESS), { error, since: this.now() });
    this.listener.failed(error);
  }

  /** A tenant's chain was written with a wrong clock. Recording continues. */
  reportClock(tenantId: string, error: AuditError): void {
    if (this.now() - this.clockReportedAt < CLOCK_SILENCE) return;
    this.clockReportedAt = this.now();
    this.listener.failed(error, { tenantId });
  }

  /** The reporter succeeded: a tenant's entries were stored, or the outbox was read and emptied. */
  clear(reporter: AlarmReporter): void {
    if (this.raised.size === 0) return;
    if (reporter.kind === 'tenant') {
      this.end(reporter);
      this.end(PROGRESS);
    }
    this.failing.delete(reporter.kind);
    if (this.failing.size === 0) this.end(STORE);
  }

  private end(subject: AlarmSubject): void {
    const key = keyOf(subject);
    const raised = this.raised.get(key);
    if (!raised) return;
    this.raised.delete(key);
    this.listener.resumed(raised.error, raised.since, 0, toConcern(subject));
  }
}

function keyOf(subject: AlarmSubject): string {
  return subject.kind === 'tenant' ? `tenant ${subject.tenantId}` : subject.kind;
}

function toConcern(subject: AlarmSubject): { tenantId: string } | undefined {
  return subject.kind === 'tenant' ? { tenantId: subject.tenantId } : undefined;
}

function unavailable(cause: unknown): AuditError {
  if (isAuditError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const mend = 'They are kept in memory and tried again until it does';
  return new AuditError('STORE_UNAVAILABLE', `The database does not take events: ${why}. ${mend}.`, {
    cause,
  });
}
