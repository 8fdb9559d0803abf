import { AuditError, isAuditError } from '../errors';

/** Who tells that the outbox cannot be read or emptied, as if a tenant. No tenant has an empty name. */
export const OUTBOX = '';

/** Where a trouble of the whole store is noted, beside those of single tenants. */
const STORE = '';

/** How long it is said once that a clock is wrong, in milliseconds: it is for all tenants that its machine writes. */
const CLOCK_SILENCE = 60_000;

/** Who is told that recording stops, and that it goes on. */
export interface AlarmListener {
  failed(error: AuditError, concern?: { tenantId: string }): void;
  /** Of a failure that callers are told of. */
  recordFailure(error: AuditError): void;
  /** @param since when it stopped, in milliseconds since 1970 */
  resumed(error: AuditError, since: number, refused: number, concern?: { tenantId: string }): void;
}

/** Says that recording has stopped, once until it goes on: an outage of an hour is one error, not thousands. */
export class Alarm {
  private readonly raised = new Map<string, { error: AuditError; since: number }>();
  /** Who has had trouble with the store, and not been well since: that it can be read does not say that it can be written to. */
  private readonly troubled = new Set<'chains' | 'outbox'>();
  private sounded = -Infinity;

  constructor(
    private readonly listener: AlarmListener,
    private readonly now: () => number,
  ) {}

  /**
   * An error that stops a tenant's recording. Errors that are not ours come from the database, and concern all.
   * @param source the tenant, or `OUTBOX`
   */
  raise(source: string, cause: unknown): void {
    const ours = isAuditError(cause) && cause.code === 'UNREADABLE';
    const subject = ours ? source : STORE;
    if (subject === STORE) this.troubled.add(storePart(source));
    if (this.raised.has(subject)) return;
    const error = ours ? cause : unavailable(cause);
    this.raised.set(subject, { error, since: this.now() });
    this.listener.failed(error, toConcern(subject));
  }

  /** Something is wrong with the clock that a tenant's chain was written by, but recording goes on. */
  sound(tenantId: string, error: AuditError): void {
    if (this.now() - this.sounded < CLOCK_SILENCE) return;
    this.sounded = this.now();
    this.listener.failed(error, toConcern(tenantId));
  }

  /** A tenant's entries were stored, or the outbox was read and emptied: the store is there, too. */
  clear(source: string): void {
    if (this.raised.size === 0) return;
    if (source !== OUTBOX) this.end(source);
    this.troubled.delete(storePart(source));
    if (this.troubled.size === 0) this.end(STORE);
  }

  private end(subject: string): void {
    const raised = this.raised.get(subject);
    if (!raised) return;
    this.raised.delete(subject);
    this.listener.resumed(raised.error, raised.since, 0, toConcern(subject));
  }
}

function storePart(source: string): 'chains' | 'outbox' {
  return source === OUTBOX ? 'outbox' : 'chains';
}

function toConcern(subject: string): { tenantId: string } | undefined {
  return subject === STORE ? undefined : { tenantId: subject };
}

function unavailable(cause: unknown): AuditError {
  if (isAuditError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const mend = 'They are kept in memory and tried again until it does';
  return new AuditError('STORE_UNAVAILABLE', `The database does not take events: ${why}. ${mend}.`, {
    cause,
  });
}
