import type { Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import type { ReconcileLedger } from '../../lib/reconcile';
import { isObject } from '../../lib/util/complaints';

/** What is found, and what is taken as it is. */
export const UNACCOUNTED = 'ledger.unaccounted_change';
export const BASELINE = 'ledger.baseline';

/** Entries that are read at a time: nearly always the newest will do. */
const FIRST_PAGE = 3;
const PAGE = 50;

/** Which resource in whose chain. */
export interface ResourceName {
  tenantId: string;
  resource: string;
}

/** Whether an entry says what a document was: it is of `auditChanges`, or of an earlier run. Others say what they like. */
export function isOfChanges({ action, metadata, ...entry }: Entry): boolean {
  if (action === UNACCOUNTED || action === BASELINE) return true;
  if (action.startsWith('ledger.') || entry.after === undefined || !isObject(metadata)) return false;
  return Array.isArray(metadata['changed']) || metadata['truncated'] === true;
}

/** Whether an entry is of an earlier run. */
function isOfRun({ action }: Entry): boolean {
  return action === UNACCOUNTED || action === BASELINE;
}

/** The number of the entry that what an earlier run found comes behind; 0 for none, null where it was followed by others at once. */
function lastOf({ metadata }: Entry): unknown {
  return isObject(metadata) ? metadata['last'] : null;
}

/**
 * The entry that says what a document is by now; null without any. A run may have recorded what it found behind later events,
 * so each finding says which entry it comes behind.
 */
export async function newestState(
  ledger: ReconcileLedger,
  name: ResourceName,
  types: ReadonlySet<string>,
): Promise<Entry | null> {
  const found: Entry[] = [];
  let event: Entry | null = null;
  for await (const entry of entriesOf(ledger, name, types)) {
    if (isOfRun(entry)) found.push(entry);
    else event = entry;
    if (event) break;
  }
  let newest = event;
  for (const entry of found.reverse()) if (lastOf(entry) === (newest?.seq ?? 0)) newest = entry;
  return newest;
}

/** The entries of a resource that say what it was, the newest first. */
export async function* entriesOf(
  ledger: ReconcileLedger,
  { tenantId, resource }: ResourceName,
  types: ReadonlySet<string>,
): AsyncGenerator<Entry> {
  let limit = FIRST_PAGE;
  let cursor: string | undefined;
  do {
    const page = await ledger.list({ tenantId, resource, order: 'desc', limit, cursor });
    for (const entry of page) if (types.has(entry.resourceType ?? '') && isOfChanges(entry)) yield entry;
    cursor = page.nextCursor ?? undefined;
    limit = PAGE;
  } while (cursor !== undefined);
}

/** What an entry says that a document was; null where it is gone. */
export function stateIn(entry: Entry | null): Json {
  return entry?.after ?? null;
}
