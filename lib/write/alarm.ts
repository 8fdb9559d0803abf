import { AuditError, isAuditError } from '../errors';

/** Where a trouble of the whole store is noted, beside those of single tenants. No tenant has an empty name. */
const STORE = '';

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

  constructor(
    private readonly listener: AlarmListener,
    private readonly now: () => number,
  ) {}

  /** An error that stops a tenant's recording. Errors that are not ours come from the database, and concern all. */
  raise(tenantId: string, cause: unknown): void {
    const ours = isAuditError(cause) && cause.code === 'UNREADABLE';
    const subject = ours ? tenantId : STORE;
    if (this.raised.has(subject)) return;
    const error = ours ? cause : unavailable(cause);
    this.raised.set(subject, { error, since: this.now() });
    this.listener.failed(error, concernOf(subject));
  }

  /** Something is wrong with a tenant's chain, but recording goes on. */
  sound(tenantId: string, error: AuditError): void {
    this.listener.failed(error, concernOf(tenantId));
  }

  /** A tenant's entries were stored: the store is there, too. */
  clear(tenantId: string): void {
    if (this.raised.size === 0) return;
    for (const subject of [tenantId, STORE]) {
      const raised = this.raised.get(subject);
      if (!raised) continue;
      this.raised.delete(subject);
      this.listener.resumed(raised.error, raised.since, 0, concernOf(subject));
    }
  }
}

function concernOf(subject: string): { tenantId: string } | undefined {
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
