import type { mongo } from 'mongoose';
import { MAJORITY_READ } from './read-write-concerns';
import { withTimeLimit } from './time-limit';

/**
 * Whether a server reads several values of one index in the order of the next: MongoDB does (`SORT_MERGE`). Others sort all
 * that match, of which a page needs few. Asked for once in each database, by a plan.
 */
export class ScanMerging {
  private readonly known = new Map<string, boolean>();

  async isDone(entries: mongo.Collection): Promise<boolean> {
    const known = this.known.get(entries.namespace);
    if (known !== undefined) return known;
    const query = { tenantId: 'any', action: { $in: ['a', 'b'] } };
    const cursor = entries.find(query, MAJORITY_READ).sort({ seq: 1 }).limit(1);
    try {
      const isDone = hasMerge(await withTimeLimit(cursor.explain('queryPlanner')));
      this.known.set(entries.namespace, isDone);
      return isDone;
    } catch {
      return false; // each value by itself is right anywhere
    }
  }
}

/** Whether the server considers such a plan, be it the best for few entries or not. */
export function hasMerge(plan: unknown): boolean {
  return JSON.stringify(plan).includes('"SORT_MERGE"');
}
