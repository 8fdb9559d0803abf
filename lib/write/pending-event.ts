import { canonicalize } from '../chain/canonical';
import type { Reading } from '../chain/chain-check';
import { type Draft, type Entry, type Receipt, toReceipt } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import { RECOVERED_ACTION } from '../event/kept-draft';
import type { Source } from './source-policy';
import type { LinePosition } from './spool/segment';

/** Receives the result of one event: exactly one call, of one of its functions. */
export interface Caller {
  /** @param isRepeated whether the event was in the store before */
  recorded(receipt: Receipt, isRepeated?: boolean): void;
  failed(error: AuditError): void;
}

/** An accepted event that is not in the chain yet. */
export interface PendingEvent {
  readonly drafted: DraftedEvent;
  readonly caller: Caller;
  readonly source: Source;
  /** Its line in the spool; null when the spool does not have it. */
  position: LinePosition | null;
}

/**
 * The receipt of an event whose id is in the store already, if the stored event is the same.
 * @throws AuditError `ID_CONFLICT` when it differs, `ENTRY_ALTERED` when the stored entry was altered.
 */
export function storedReceipt(drafted: DraftedEvent, { entry }: Reading): Receipt {
  const { tenantId, id } = drafted.draft;
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  if (!entry) throw new AuditError('ENTRY_ALTERED', `${name} is stored, but was altered: run verify.`);
  if (comparableContent(drafted.draft, drafted) === comparableContent(entry, drafted))
    return toReceipt(entry);
  if (drafted.draft.action === RECOVERED_ACTION) return toReceipt(entry); // it was recorded before its process ended
  const mend = 'give each event an id of its own';
  throw new AuditError('ID_CONFLICT', `${name} is recorded already with other content: ${mend}.`);
}

/** The content that two events with one id must share to be the same event, whichever way each came. */
function comparableContent(draft: Draft | Entry, { occurredAtGiven, partial }: DraftedEvent): string {
  const { context, via, occurredAt, seq, recordedAt, prevHash, hash, ...content } = draft as Entry;
  return canonicalize({
    ...content,
    ...(occurredAtGiven && { occurredAt }),
    ...(partial && { metadata: null }),
  });
}
