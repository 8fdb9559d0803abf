import type { Reading } from '../chain/chain-check';
import { documentId, type Entry, entryHash } from '../chain/entry';
import { GENESIS, type Head } from '../chain/link';
import { sha256 } from '../crypto/node';
import { AuditError } from '../errors';
import { encodeHex } from '../util/hex';
import { quote } from '../util/quote';
import type { SeqRange, Store } from './store';

/** Entries in front of the newest that must be there, each in its place: an intruder's stand by themselves. */
const WINDOW = 8;

/** No chain comes near: behind a higher number there would be no room for its next entries. */
export const MAX_HEAD = 2 ** 52;

/** An entry from further in the future than any time zone is would give its time to all that follow. In milliseconds. */
export const MAX_AHEAD = 24 * 60 * 60_000;

/** What the end of a chain is checked with. */
export interface HeadCheckParts {
  store: Pick<Store, 'leaves' | 'walk'>;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
}

/**
 * The entry that the next one may be linked to: it is whole, it stands where it says, and it belongs to the chain that it
 * ends.
 * @param known the last entry that is known to belong there
 * @throws AuditError `HEAD_ALTERED` when it was altered, `CHAIN_BLOCKED` when it does not belong there.
 */
export async function checkHead(
  tenantId: string,
  reading: Reading,
  { store, now }: HeadCheckParts,
  known: Head = GENESIS,
): Promise<Entry> {
  const { entry, fault } = reading;
  if (!entry || entryHash(entry, sha256) !== entry.hash)
    throw altered(tenantId, fault?.message ?? 'its content does not give its hash');
  const why = faultOf(tenantId, reading, entry, now()) ?? (await faultOfPlace(entry, store, known));
  if (why !== null) throw blocked(entry, tenantId, why);
  return entry;
}

function faultOf(tenantId: string, { documentId: _id }: Reading, entry: Entry, now: number): string | null {
  if (entry.tenantId !== tenantId) return `it is of the tenant ${quote(entry.tenantId)}`;
  if (_id !== documentId(tenantId, entry.id)) return 'its _id is not that of its tenant and id';
  if (!(entry.seq >= 1 && entry.seq <= MAX_HEAD)) return 'its number leaves no room for others';
  if (Date.parse(entry.recordedAt) - now > MAX_AHEAD)
    return `it says that it was recorded at ${entry.recordedAt}, and so would all entries behind it`;
  return null;
}

/** Whether the entries in front of it are there, and it links to the last of them. */
async function faultOfPlace(
  { tenantId, seq, prevHash }: Entry,
  store: HeadCheckParts['store'],
  known: Head,
): Promise<string | null> {
  if (seq === known.seq + 1 && prevHash === known.hash) return null;
  if (seq === 1) return prevHash === GENESIS.hash ? null : 'it is the first, and links to another';
  const begin = Math.max(0, seq - 1 - WINDOW);
  const hashes = (await store.leaves(tenantId, begin, seq - 1)).map(encodeHex);
  if (hashes.length < seq - 1 - begin || hashes.at(-1) !== prevHash) {
    const fault = await faultOfWindow(tenantId, { min: begin + 1, max: seq - 1 }, prevHash, store);
    if (fault !== null) return fault;
  }
  const next = known.seq + 1;
  // Right behind what is known a gap shows that whatever is there was put above it.
  if (known === GENESIS || next > begin || (await store.leaves(tenantId, known.seq, next)).length > 0)
    return null;
  return `entry ${next} is not in front of it`;
}

/** An entry in front of the newest may have been altered, which is for `verify` to tell. That it is there counts here. */
async function faultOfWindow(
  tenantId: string,
  seq: SeqRange,
  prevHash: string,
  store: HeadCheckParts['store'],
): Promise<string | null> {
  let next = seq.min;
  let last: Reading | null = null;
  for await (const readings of store.walk({ tenantId, seq }))
    for (const reading of readings) {
      if (reading.seq === next) next++;
      last = reading;
    }
  if (next <= seq.max) return `entry ${next} is not in front of it`;
  const isLinked = last?.hash === prevHash || (last?.entry && entryHash(last.entry, sha256) === prevHash);
  return isLinked ? null : `it does not link to entry ${seq.max}`;
}

function altered(tenantId: string, why: string): AuditError {
  const what = `The newest entry of the tenant ${quote(tenantId)} was altered: ${why}`;
  return new AuditError(
    'HEAD_ALTERED',
    `${what}. Its events wait until the entry is as it was: run verify, and see docs/restore.md.`,
  );
}

function blocked({ seq }: Entry, tenantId: string, why: string): AuditError {
  const what = `Entry ${seq}, the newest of the tenant ${quote(tenantId)}, does not belong there: ${why}`;
  const mend = 'Its events wait until that is removed: run verify, then audit-ledger reopen';
  return new AuditError('CHAIN_BLOCKED', `${what}. ${mend}.`);
}
