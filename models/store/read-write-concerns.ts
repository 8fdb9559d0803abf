/**
 * For reads that a decision depends on. Read concern `majority` returns nothing that a failover can undo. Only the
 * primary is sure to have all that an earlier read returned; a secondary may lag behind.
 */
export const MAJORITY_READ = { readConcern: 'majority', readPreference: 'primary' } as const;

/** For writes that a failover must not undo. */
export const MAJORITY_WRITE = { writeConcern: { w: 'majority' } } as const;

/**
 * How long the server may work on one reading, in milliseconds: it ends one by itself whose asker is gone, or which an
 * index does not serve. Not for walks, whose whole cursor it would count for.
 */
export const READ_TIME = { maxTimeMS: 30_000 } as const;
