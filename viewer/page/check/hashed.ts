import { type Entry, entryHash } from '../../../lib/chain/entry';
import type { Sha256 } from '../../../lib/crypto/ports';

/** What is kept of an entry to check it and its neighbours. */
export interface Hashed {
  seq: number;
  id: string;
  /** What the entry says that its hash is, and that of its predecessor. */
  hash: string;
  prevHash: string;
  /** What is wrong with the entry alone. */
  fault: 'hash' | 'tenant' | null;
}

/** Hashes an entry again. What cannot be hashed has not the hash that it states. */
export function hashed(entry: Entry, tenantId: string, sha256: Sha256): Hashed {
  const { seq, id, hash, prevHash } = entry;
  const fault = ownHash(entry, sha256) !== hash ? 'hash' : entry.tenantId !== tenantId ? 'tenant' : null;
  return { seq, id, hash, prevHash, fault };
}

function ownHash(entry: Entry, sha256: Sha256): string | null {
  try {
    return entryHash(entry, sha256);
  } catch {
    return null; // a lone surrogate, or nested deeper than the stack
  }
}
