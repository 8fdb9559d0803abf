import type { mongo } from 'mongoose';

/** How long the server may work at a read, in milliseconds: it gives up before `withTimeLimit` does, which frees nothing. */
const READ_LIMIT = 45_000;

/** How long a write may wait for the majority, in milliseconds. Then its connection is free for the application again. */
const MAJORITY_LIMIT = 30_000;

/**
 * For reads. Read concern `majority` returns nothing that a failover can undo. Only the primary is sure to have all that an
 * earlier read returned; a secondary may lag behind. The limit is one of all batches of a cursor, but for idle time.
 */
export const MAJORITY_READ = {
  readConcern: 'majority',
  readPreference: 'primary',
  maxTimeMS: READ_LIMIT,
} as const;

/**
 * For a read that waits until the primary is sure that it still is one, and that a majority has all that it has. Right
 * after an election `majority` alone may show an earlier state.
 */
export const LINEARIZABLE_READ = { ...MAJORITY_READ, readConcern: 'linearizable' } as const;

/** For reads of what may be lost at any time. */
export const PRIMARY_READ = { readPreference: 'primary', maxTimeMS: READ_LIMIT } as const;

/** For writes that a failover must not undo. */
export const MAJORITY_WRITE = { writeConcern: { w: 'majority', wtimeoutMS: MAJORITY_LIMIT } } as const;

/** For indexes, which an election may undo, too. The driver takes it; its types do not say so. */
export const DURABLE_INDEXES = MAJORITY_WRITE as mongo.CreateIndexesOptions;

/** For writes that may be lost at any time: they wait for nobody. */
export const PASSING_WRITE = { writeConcern: { w: 1 } } as const;
