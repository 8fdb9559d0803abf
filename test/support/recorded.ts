import type { Audit } from '../../lib/audit';
import type { Entry, Receipt } from '../../lib/chain/entry';

/** How long a test waits for an entry, in milliseconds. */
const PATIENCE = 10_000;

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
   * @throws when they do not come within 10 s
   */
  async first(count: number): Promise<Entry[]> {
    if (this.receipts.length < count) await this.arrival(count);
    return this.all();
  }

  /** All entries of what was accepted so far. */
  async all(): Promise<Entry[]> {
    await this.audit.flush();
    return Promise.all(this.receipts.map((receipt) => this.entry(receipt)));
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

  private async entry({ tenantId, id }: Receipt): Promise<Entry> {
    const entry = await this.audit.get({ tenantId, id });
    if (!entry) throw new Error(`There is no entry ${tenantId}/${id}, though it was recorded`);
    return entry;
  }
}
