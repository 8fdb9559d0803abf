import { sha256 } from '../crypto/node';
import { AuditError } from '../errors';
import type { DraftedEvent } from '../event/drafter';
import { isOfLedger, readKeptDraft } from '../event/kept-draft';
import type { StoredItem } from '../store/store';
import { quote } from '../util/quote';

/** The event of an item. @throws AuditError `UNREADABLE` for what no ledger has written, or what speaks for the ledger. */
export function readItem({ text }: StoredItem): DraftedEvent {
  const drafted = readKeptDraft(text, sha256);
  if (isOfLedger(drafted.draft, true)) throw speaksForLedger(drafted);
  return drafted;
}

function speaksForLedger({ draft }: DraftedEvent): AuditError {
  const what = `it names what is the ledger's own, the tenant ${quote(draft.tenantId)} or the action ${quote(draft.action)}`;
  return new AuditError('UNREADABLE', `${what}: nothing that lay there speaks for the ledger.`);
}
