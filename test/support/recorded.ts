import type { Audit } from '../../lib/audit';
import type { Entry, Receipt } from '../../lib/chain/entry';
import { PATIENCE } from './patience';

/** What one ledger object records: an entry is captured when a response ends, which may be after the client has it. */
export class Recorded {
  private readonly receipts: Receipt[] = [];
  private arrived = (): void => undefined;

  constructor(private readonly audit: Audit) {
    audit.on('recorded', (receipt) => {
      this.receipts.push(receipt);
      this.arrived();
    });
  }

  /**
   * All entries so far, once there are `count` of them, in the order in which they became durable.
   * @throws when they do not come within five minutes: what ends a hang
   */
  async first(count: number): Promise<Entry[]> {
    if (this.receipts.length < count) await this.arrival(count);
    return this.all();
  }

  /** All entries of what was accepted so far. */
  async all(): Promise<Entry[]> {
    await this.audit.flush();
    const receipts = [...this.receipts];
    const found = new Map<string, Map<string, Entry>>();
    for (const { tenantId } of receipts)
      if (!found.has(tenantId)) found.set(tenantId, await this.entriesOf(tenantId, receipts));
    return receipts.map(({ tenantId, id }) => {
      const entry = found.get(tenantId)?.get(id);
      if (!entry) throw new Error(`There is no entry ${tenantId}/${id}, though it was recorded`);
      return entry;
    });
  }

  private arrival(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new Error(`${this.receipts.length} of ${count} entries were recorded`));
      const limit = setTimeout(tooLate, PATIENCE);
      this.arrived = () => {
        if (this.receipts.length < count) return;
        clearTimeout(limit);
        resolve();
      };
    });
  }

  /** The entries of a tenant that receipts tell of, by their ids: read from the end of the chain, in few portions. */
  private async entriesOf(tenantId: string, receipts: readonly Receipt[]): Promise<Map<string, Entry>> {
    const wanted = new Set(receipts.filter((one) => one.tenantId === tenantId).map(({ id }) => id));
    const found = new Map<string, Entry>();
    let cursor: string | null | undefined;
    while (cursor !== null && found.size < wanted.size) {
      const page = await this.audit.list({ tenantId, limit: Math.min(1000, wanted.size + 10), cursor });
      for (const entry of page) if (wanted.has(entry.id)) found.set(entry.id, entry);
      cursor = page.nextCursor;
    }
    return found;
  }
}
