import { AuditError, isAuditError } from '../errors';
import type { Signals } from '../signals';

/** Where a trouble of the whole store is noted, beside those of single tenants. No tenant has an empty name. */
const STORE = '';

/** Says that recording has stopped, once until it goes on: an outage of an hour is one error, not thousands. */
export class Alarm {
  private readonly raised = new Set<string>();

  constructor(private readonly signals: Signals) {}

  /** An error that stops a tenant's recording. Errors that are not ours come from the database, and concern all. */
  raise(tenantId: string, error: unknown): void {
    const ours = isAuditError(error) && error.code === 'UNREADABLE';
    const subject = ours ? tenantId : STORE;
    if (this.raised.has(subject)) return;
    this.raised.add(subject);
    this.signals.error(ours ? error : unavailable(error));
  }

  /** Something is wrong, but recording goes on. */
  sound(error: AuditError): void {
    this.signals.error(error);
  }

  /** A tenant's entries were stored: the store is there, too. */
  clear(tenantId: string): void {
    this.raised.delete(tenantId);
    this.raised.delete(STORE);
  }
}

function unavailable(cause: unknown): AuditError {
  if (isAuditError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const mend = 'They are kept in memory and tried again until it does';
  return new AuditError('STORE_UNAVAILABLE', `The database does not take events: ${why}. ${mend}.`, {
    cause,
  });
}
