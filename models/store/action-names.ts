import type { mongo } from 'mongoose';
import { readAll } from './cursor-batches';

/** Reads that decide something must not see what a failover may undo. */
const DECIDING = { readConcern: 'majority', readPreference: 'primary' } as const;

const NAME = { projection: { _id: 0, action: 1 } } as const;

/** What begins with a prefix, in the order of texts. */
export function prefixRange(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
}

/**
 * The first names of a tenant's actions that begin with a prefix, in ascending order. Each is one look into the index,
 * for the next name behind the last: the database has no such scan that could be bounded.
 */
export async function readActionNames(
  entries: mongo.Collection,
  tenantId: string,
  prefix: string,
  limit: number,
): Promise<string[]> {
  const names: string[] = [];
  const { $gte: first, $lt } = prefixRange(prefix);
  let $gte = first;
  while (names.length < limit) {
    // Of an altered entry whose action is an array, the database would compare each item.
    const action = { $gte, $lt, $type: 'string', $not: { $type: 'array' } } as const;
    const next = entries.find({ tenantId, action }, { ...DECIDING, ...NAME }).sort({ action: 1, seq: 1 });
    const [found] = await readAll(next.limit(1));
    if (!found) break;
    const name = found['action'] as string;
    names.push(name);
    // The least text behind it. With `$gt` DocumentDB walks over all entries of the name.
    $gte = `${name}\0`;
  }
  return names;
}
