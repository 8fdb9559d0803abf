import { canonicalize } from '../chain/canonical';
import type { Reading } from '../chain/chain-check';
import { type Draft, type Entry, type Receipt, toReceipt } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Place } from './spool/segment';

/** Who waits for a draft: told once how it ended. */
export interface Caller {
  recorded(receipt: Receipt): void;
  failed(error: AuditError): void;
}

/** A draft on its way into the chain. */
export interface Pending {
  readonly drafted: DraftedEvent;
  readonly caller: Caller;
  /** Where the spool keeps it until then. */
  place: Place | null;
  /** Bytes that it takes of the queue's room; 0 for one of the ledger's own, which takes none. */
  readonly bytes: number;
}

/**
 * The receipt of a draft whose id is in the store, if that is the same event.
 * @throws AuditError `ID_CONFLICT` when it is another, `UNREADABLE` when it was altered.
 */
export function storedReceipt(drafted: DraftedEvent, { entry }: Reading): Receipt {
  const { tenantId, id } = drafted.draft;
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  if (!entry) throw new AuditError('UNREADABLE', `${name} is stored, but was altered: run verify.`);
  if (comparableContent(drafted.draft, drafted) === comparableContent(entry, drafted))
    return toReceipt(entry);
  const mend = 'give each event an id of its own';
  throw new AuditError('ID_CONFLICT', `${name} is recorded already with other content: ${mend}.`);
}

/** What must be equal for two events with one id to be the same. */
function comparableContent(draft: Draft | Entry, { occurredAtGiven, partial }: DraftedEvent): string {
  const { context, occurredAt, seq, recordedAt, prevHash, hash, ...content } = draft as Entry;
  return canonicalize({
    ...content,
    ...(occurredAtGiven && { occurredAt }),
    ...(partial && { metadata: null }),
  });
}
