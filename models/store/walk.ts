import type { mongo } from 'mongoose';
import type { WalkQuery } from '../../lib/store/store';
import { resumedBatches } from './cursor-batches';
import { toMongoFilter } from './queries';
import { readDocument } from './read-document';
import { MAJORITY_READ } from './read-write-concerns';

/** Documents in one reply: few enough that the garbage collector frees them before it treats them as long-lived. */
const BATCH = 500;

/** The documents that a query lets through, as BSON bytes, in the order of `seq`, in portions. It goes on where a cursor is lost. */
export async function* walkEntries(
  entries: mongo.Collection,
  query: WalkQuery,
): AsyncGenerator<readonly Buffer[]> {
  const options = { ...MAJORITY_READ, raw: true, batchSize: BATCH } as const;
  let given: readonly Buffer[] | undefined;
  const open = (last?: readonly unknown[]) => {
    given = last as readonly Buffer[] | undefined;
    const filter = given ? behind(query, given) : toMongoFilter(query);
    return filter && (entries.find(filter, options).sort({ seq: 1 }) as mongo.FindCursor<unknown>);
  };
  for await (const batch of resumedBatches(open, { ahead: true })) {
    query.signal?.throwIfAborted();
    const documents = batch as Buffer[];
    yield given ? without(documents, given) : documents;
    given = undefined;
  }
}

/** What a walk has still to give behind the last documents that it gave; null where none of them has a place. */
function behind(query: WalkQuery, given: readonly Buffer[]): mongo.Filter<mongo.Document> | null {
  const last = given.map(readDocument).findLast(({ seq }) => seq !== null)?.seq;
  if (last === undefined || last === null) return null;
  const { seq } = query;
  if (seq) return toMongoFilter({ ...query, seq: { min: last, max: seq.max } });
  // Documents without a number, too: what is altered so stands behind the numbers, or before them.
  return { ...toMongoFilter(query), seq: { $not: { $lt: last }, $ne: null } };
}

/** Documents that were not given already: where a number is there twice, a walk goes on with its second. */
function without(documents: readonly Buffer[], given: readonly Buffer[]): readonly Buffer[] {
  return documents.filter((bytes) => !given.some((other) => other.equals(bytes)));
}
