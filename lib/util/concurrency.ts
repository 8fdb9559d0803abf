/** Commands to the database at the same time: they take the connections of the application, which needs some too. */
export const CONCURRENCY = 8;

/** Does work for each item, for a few of them at a time; gives the results in the order of the items. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = closableQueue(items);
  const worker = async (): Promise<void> => {
    for (const [i, item] of queue) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
  return results;
}

/** A generator, which an array's own iterator is not: the first failure closes it, and nothing more is begun. */
function* closableQueue<Item>(items: readonly Item[]): Generator<[number, Item]> {
  yield* items.entries();
}
