import type { Reading } from '../chain/chain-check';
import type { Entry } from '../chain/entry';
import { isObject } from '../util/complaints';
import type { EntryFilter, PageQuery } from '../store/store';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';
import type { AuditEvent } from '../event/event';
import { NODE_CRYPTO } from '../crypto/node';
import { type CheckpointNote, isSignedByAny, tryParseCheckpointNoteOf } from '../notes/checkpoint-note';
import type { VerifierKey } from '../notes/note';
import { NOTE_LENGTH } from '../store/tree-store';
import type { Hash } from '../tree/hash';

/** What was stated of a tenant's tree. */
export interface StatedTree {
  size: number;
  root: Hash;
}

/** The entries of the ledger's own chain. */
export interface SystemChain {
  page(query: PageQuery): Promise<Reading[]>;
}

/** The action of the entries of the ledger's own chain that tell of checkpoints. */
export const CHECKPOINT_ACTION = 'ledger.checkpoint';

/** Statements that are read at a time before a checkpoint is signed. Somebody with access to the database can add some behind the largest. */
const RECENT = 100;

/** Statements that are looked through for one that somebody signed. */
const MOST = 5_000;

/** Whose signed statements count: the origin of the chain's checkpoints, and the keys that are known. */
export interface Signers {
  origin: string;
  keys: readonly VerifierKey[];
}

/** The event that tells of a checkpoint, in the ledger's own chain. Its note proves what it says. */
export function checkpointStatement(
  tenantId: string,
  statement: { size: number; root: string; note: string },
): AuditEvent {
  const metadata = { tenantId, ...statement };
  return {
    action: CHECKPOINT_ACTION,
    tenantId: SYSTEM_TENANT,
    actor: LEDGER_ACTOR,
    resource: tenantId,
    metadata,
  };
}

/** Which entries of the ledger's own chain tell of a tenant's checkpoints. */
export function checkpointStatementsFilter(tenantId: string): EntryFilter & { tenantId: string } {
  return { tenantId: SYSTEM_TENANT, action: { name: CHECKPOINT_ACTION, prefix: false }, resource: tenantId };
}

/**
 * What the ledger's own chain says of the largest of a tenant's latest checkpoints; null when it says nothing. Whoever can
 * insert can add to that chain, so only what a known key has signed counts.
 */
export async function readStatedTree(
  tenantId: string,
  store: SystemChain,
  signers: Signers,
): Promise<StatedTree | null> {
  if (signers.keys.length === 0) return null;
  const filter = { ...checkpointStatementsFilter(tenantId), order: 'desc', limit: RECENT } as const;
  for (let max = Number.MAX_SAFE_INTEGER, read = 0; read < MOST; read += RECENT) {
    const readings = await store.page({ ...filter, seq: { min: 1, max } });
    const largest = findLargestStated(readings, signers);
    const last = readings.at(-1)?.seq ?? 0;
    if (largest || readings.length < RECENT || last <= 1) return largest;
    max = last - 1;
  }
  return null;
}

/** The largest tree that signed entries of the ledger's own chain state. The largest: the last could be an old one, put there again. */
export function findLargestStated(readings: Iterable<Reading>, signers: Signers): StatedTree | null {
  let largest: StatedTree | null = null;
  for (const { entry } of readings) {
    const note = entry && noteOf(entry, signers.origin);
    if (!note || note.size <= (largest?.size ?? 0)) continue;
    if (isSignedByAny(signers.keys, note, NODE_CRYPTO)) largest = { size: note.size, root: note.root };
  }
  return largest;
}

function noteOf({ metadata }: Entry, origin: string): CheckpointNote | null {
  const note = isObject(metadata) ? metadata['note'] : undefined;
  return typeof note === 'string' && note.length <= NOTE_LENGTH
    ? tryParseCheckpointNoteOf(origin, note)
    : null;
}
