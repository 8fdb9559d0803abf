import { type Entry, entryHash, type Receipt, toReceipt } from '../chain/entry';
import { sha256 } from '../crypto/sha256';

/**
 * Whether an entry is the one that a receipt was given for, and says the same: its hash is computed again, whatever the
 * collector answers.
 */
export function isReceiptOf(receipt: Receipt, entry: Entry): boolean {
  try {
    const own = toReceipt({ ...entry, hash: entryHash(entry, sha256) });
    return (Object.keys(own) as (keyof Receipt)[]).every((name) => own[name] === receipt[name]);
  } catch {
    return false; // no JSON, or nested too deep: it has no hash
  }
}
