import type { Reading } from '../chain/chain-check';
import type { Entry, Receipt } from '../chain/entry';
import type { Store } from '../store/store';
import { type ActionsQuery, listActions } from './actions';
import { type ActorsQuery, type KnownActor, listActors } from './actors';
import { ChainTails } from './tail';
import { type Histogram, histogram, type HistogramQuery } from './histogram';
import type { ListQuery } from './list-query';
import { entryAt, listMarked, type MarkedPage, readSize } from './read-entries';
import { assertNames } from './assert-names';

/** What people want to see of their trails: pages, parts of time, names, and what is new. */
export class Trail {
  private readonly followed: ChainTails;

  constructor(private readonly store: Store) {
    this.followed = new ChainTails(store);
  }

  /** @throws AuditError as `listMarked`. */
  page(query: ListQuery, signal?: AbortSignal): Promise<MarkedPage> {
    return listMarked(query, this.store, signal);
  }

  /** @throws AuditError as `entryAt`. */
  at(place: { tenantId: string; seq: number }): Promise<Entry | null> {
    return entryAt(place, this.store);
  }

  /** @throws AuditError as `listActions`. */
  actions(query: ActionsQuery): Promise<string[]> {
    return listActions(query, this.store);
  }

  /** @throws AuditError as `listActors`. */
  actors(query: ActorsQuery): Promise<KnownActor[]> {
    return listActors(query, this.store);
  }

  /** @throws AuditError as `histogram`. */
  histogram(query: HistogramQuery, signal?: AbortSignal): Promise<Histogram> {
    return histogram(query, this.store, signal);
  }

  /**
   * The highest number in a tenant's chain; 0 when it is empty.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  async size(tenantId: string): Promise<number> {
    assertNames('follow', { tenantId });
    return readSize(tenantId, this.store);
  }

  /** What a tenant's chain gets behind the number `after`, in portions, until `signal` is aborted. */
  follow(tenantId: string, after: number, signal: AbortSignal): AsyncIterable<Reading[]> {
    return this.followed.follow(tenantId, after, signal);
  }

  /** Tells that this process recorded an entry. */
  recorded(receipt: Receipt): void {
    this.followed.recorded(receipt);
  }

  /** Ends all that follow: the ledger closes. */
  stop(): void {
    this.followed.stop();
  }
}
