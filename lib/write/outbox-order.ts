import type { OutboxStore, StoredItem } from '../store/store';
import { attempt } from '../util/attempt';
import { readItem } from './outbox-item';

/** How often a sweep looks in vain whether what an item follows is linked, before it links it all the same: some ten minutes. */
const LOOKS = 400;

/** Items whose looks are counted at a time. */
const COUNTED = 10_000;

/** Items that are read at a time. */
const READ = 500;

/** An event, and what is to be linked before it. */
export interface InOrder {
  follows: readonly string[];
  tenantId: string;
}

/** Keeps the events of one document in the order in which the database applied its changes, whatever process links them. */
export class OutboxOrder {
  private readonly looks = new Map<string, number>();

  /**
   * @param isHandedOver whether an item is in the queue of this process, where nothing overtakes it
   * @param most looks in vain
   */
  constructor(
    private readonly store: Pick<OutboxStore, 'findInOutbox'>,
    private readonly isHandedOver: (key: string) => boolean,
    private readonly most = LOOKS,
  ) {}

  /**
   * Whether all that an item follows is linked, or certain to be before what is enqueued now. What is never linked is not waited
   * for, nor what belongs to another chain, which has no order with its own.
   */
  async isTurn(follows: readonly string[], tenantId: string): Promise<boolean> {
    return (await this.inTurn([{ follows, tenantId }])).length > 0;
  }

  /** Those of items of which the same is true. */
  async inTurn<Item extends InOrder>(items: readonly Item[]): Promise<Item[]> {
    const others = new Set(items.flatMap(({ follows }) => follows.filter((key) => !this.isHandedOver(key))));
    const tenants = await this.tenantsOf([...others]);
    return items.filter(({ follows, tenantId }) =>
      follows.every((key) => tenants.get(key) !== tenantId || this.isHandedOver(key)),
    );
  }

  /** The tenants of those items that are still there, and can be linked. */
  private async tenantsOf(keys: readonly string[]): Promise<Map<string, string>> {
    const tenants = new Map<string, string>();
    for (let begin = 0; begin < keys.length; begin += READ) {
      for (const item of await this.store.findInOutbox(keys.slice(begin, begin + READ))) {
        const tenantId = tenantOf(item);
        if (tenantId !== undefined) tenants.set(item.key, tenantId);
      }
    }
    return tenants;
  }

  /**
   * The same for a sweep, which does not wait for ever: somebody else may have written an item that follows itself. While the
   * database is away nobody looks in vain.
   */
  async isTurnAtLast({ key, follows = [] }: StoredItem, tenantId: string): Promise<boolean> {
    const looks = (this.looks.get(key) ?? 0) + 1;
    this.looks.delete(key);
    if ((await this.isTurn(follows, tenantId)) || looks > this.most) return true;
    if (this.looks.size >= COUNTED) this.looks.clear();
    this.looks.set(key, looks);
    return false;
  }
}

/** Undefined of what is never linked. */
function tenantOf(item: StoredItem): string | undefined {
  return attempt(() => readItem(item))?.draft.tenantId;
}
