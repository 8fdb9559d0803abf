import type { Reading } from '../chain/chain-check';
import { type Entry, entryHash, isHash } from '../chain/entry';
import { isObject } from '../util/complaints';
import type { EntryFilter, PageQuery } from '../store/store';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';
import type { AuditEvent } from '../event/event';
import type { Hash } from '../tree/hash';
import { decodeHex } from '../util/hex';
import { sha256 } from '../crypto/node';

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

/** Statements that are read before a checkpoint is signed. Somebody with access to the database can add some behind the largest. */
const RECENT = 100;

/** The event that tells of a checkpoint, in the ledger's own chain. */
export function checkpointStatement(tenantId: string, statement: { size: number; root: string }): AuditEvent {
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

/** What the ledger's own chain says of the largest of a tenant's latest checkpoints; null when it says nothing. */
export async function readStatedTree(tenantId: string, store: SystemChain): Promise<StatedTree | null> {
  const seq = { min: 1, max: Number.MAX_SAFE_INTEGER };
  return findLargestStated(
    await store.page({ ...checkpointStatementsFilter(tenantId), seq, order: 'desc', limit: RECENT }),
  );
}

/** The largest tree that entries of the ledger's own chain state. The largest: the last could have been added since. */
export function findLargestStated(readings: Iterable<Reading>): StatedTree | null {
  let largest: StatedTree | null = null;
  for (const { entry } of readings) {
    const stated = entry && parseStatement(entry);
    if (stated && stated.size > (largest?.size ?? 0)) largest = stated;
  }
  return largest;
}

function parseStatement(entry: Entry): StatedTree | null {
  if (!isObject(entry.metadata) || entryHash(entry, sha256) !== entry.hash) return null;
  const { size, root } = entry.metadata;
  if (!Number.isSafeInteger(size) || !isHash(root)) return null;
  return { size: Number(size), root: decodeHex(root) };
}
