import type { Reading } from '../chain/chain-check';
import type { Store, WalkQuery } from './store';

/** What a chain is read from. */
export type ChainReads = Pick<Store, 'head' | 'walk'>;

/**
 * The newest entry of a chain that is known to have had `size` entries. Right after an election a primary may not show yet
 * what a majority has acknowledged before (MongoDB's SERVER-53813): a chain that seems too short is asked for once more, in
 * a way that no election makes wrong. So what is missing then is gone.
 */
export async function readKnownHead(
  tenantId: string,
  size: number,
  store: Pick<ChainReads, 'head'>,
): Promise<Reading | null> {
  const head = await store.head(tenantId);
  const isShort = head ? head.seq !== null && head.seq < size : size > 0;
  return isShort ? store.head(tenantId, { isConfirmed: true }) : head;
}

/**
 * Documents up to the number `end`, which is known to be there, in portions: all of a tenant, or those in a range. A walk
 * that an election has cut short goes on once the primary shows the rest.
 */
export async function* walkToEnd(
  { tenantId, seq, end, signal }: Pick<WalkQuery, 'tenantId' | 'seq' | 'signal'> & { end: number },
  store: ChainReads,
): AsyncGenerator<Iterable<Reading>> {
  let last = (seq?.min ?? 1) - 1;
  function* upToEnd(portion: Iterable<Reading>): Generator<Reading> {
    for (const reading of portion) {
      if (reading.seq !== null && (last = reading.seq) > end) return;
      yield reading;
    }
  }
  for await (const portion of store.walk({ tenantId, signal, ...(seq && { seq }) })) {
    yield upToEnd(portion);
    if (last > end) return;
  }
  if (last >= end || end === Infinity) return;
  await store.head(tenantId, { isConfirmed: true });
  for await (const portion of store.walk({ tenantId, signal, seq: { min: last + 1, max: end } }))
    yield upToEnd(portion);
}
