import { canonicalize } from '../chain/canonical';
import type { Reading } from '../chain/check';
import { type Draft, type Entry, type Receipt, receiptOf } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../quote';
import type { DraftedEvent } from '../record/recorder';

/** A draft on its way into the chain, and who waits for it. */
export interface Pending extends DraftedEvent {
  readonly receipt: Promise<Receipt>;
  resolve(receipt: Receipt): void;
  reject(error: AuditError): void;
}

/** Answers a draft whose id is in the store: with its receipt if that is the same event, else with `ID_CONFLICT`. */
export function settleStored(pending: Pending, stored: Reading): void {
  const { tenantId, id } = pending.draft;
  const name = `the event ${quote(id)} of the tenant ${quote(tenantId)}`;
  if (!stored.entry) {
    pending.reject(new AuditError('UNREADABLE', `${name} is stored, but was altered: run verify.`));
  } else if (contentOf(pending.draft, pending) === contentOf(stored.entry, pending)) {
    pending.resolve(receiptOf(stored.entry));
  } else {
    const mend = 'is recorded already with other content: give each event an id of its own';
    pending.reject(new AuditError('ID_CONFLICT', `${name} ${mend}.`));
  }
}

/** What must be equal for two events with one id to be the same. */
function contentOf(draft: Draft | Entry, { occurredAtGiven }: DraftedEvent): string {
  const { context, occurredAt, seq, recordedAt, prevHash, hash, ...content } = draft as Entry;
  return canonicalize({ ...content, ...(occurredAtGiven && { occurredAt }) });
}
