import { DEFAULT_PREFIX } from '../lib/store/collection-prefix';

/** The names of a ledger's collections. */
export interface CollectionNames {
  /** The entries of all tenants. */
  readonly entries: string;
  /** Events that were written in the application's transactions and are not in a chain yet, and leases. */
  readonly outbox: string;
  /** The checkpoints of all tenants. */
  readonly checkpoints: string;
  /** The full tiles of all trees. */
  readonly tiles: string;
  /** The API keys of the collector, as digests. */
  readonly keys: string;
  /** How far each stream to another system is. */
  readonly streams: string;
  /** Documents that were taken out of a chain when it was opened again. */
  readonly removed: string;
}

export function collectionNames(prefix = DEFAULT_PREFIX): CollectionNames {
  return {
    entries: `${prefix}_entries`,
    outbox: `${prefix}_outbox`,
    checkpoints: `${prefix}_checkpoints`,
    tiles: `${prefix}_tiles`,
    keys: `${prefix}_keys`,
    streams: `${prefix}_streams`,
    removed: `${prefix}_removed`,
  };
}
