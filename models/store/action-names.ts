import type { mongo } from 'mongoose';
import { readAll } from './cursor-batches';
import { MAJORITY_READ } from './read-write-concerns';

const ACTION_ONLY = { projection: { _id: 0, action: 1 } } as const;

/** A filter for texts that begin with a prefix. */
export function prefixRange(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
}

/**
 * The first names of a tenant's actions that begin with a prefix, in ascending order. Each name costs one index lookup,
 * for the next name after the last one. The database's `distinct` cannot be limited.
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
    // In an altered entry `action` may be an array. The database would then compare each of its items.
    const action = { $gte, $lt, $type: 'string', $not: { $type: 'array' } } as const;
    const next = entries
      .find({ tenantId, action }, { ...MAJORITY_READ, ...ACTION_ONLY })
      .sort({ action: 1, seq: 1 });
    const [found] = await readAll(next.limit(1));
    if (!found) break;
    const name = found['action'] as string;
    names.push(name);
    // The next possible text. With `$gt: name`, DocumentDB would read all entries of this name.
    $gte = `${name}\0`;
  }
  return names;
}
