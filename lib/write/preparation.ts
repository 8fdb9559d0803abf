import { AuditError } from '../errors';
import type { Store } from '../store/store';

/** Makes sure that the store may be written: nobody can fork a chain while the unique index is there. */
export class Preparation {
  /** The database that was prepared last. */
  private prepared: unknown = null;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(
    private readonly store: Pick<Store, 'database' | 'prepare'>,
    /** Told that the index was removed while this process relied on it. */
    private readonly indexRemoved: (error: AuditError) => void,
  ) {}

  /** Resolves when the database that is open now was prepared since it was opened. After a failure the next call tries again. */
  async once(): Promise<void> {
    if (this.prepared === null || this.prepared !== this.store.database()) await this.anew();
  }

  /** Resolves when the store was prepared after the call: one look answers all who asked before it began. */
  anew(): Promise<void> {
    if (!this.running) return this.begin();
    const begin = () => this.begin();
    return (this.next ??= this.running.then(begin, begin));
  }

  private begin(): Promise<void> {
    this.next = null;
    const run = this.prepare().finally(() => {
      if (this.running === run) this.running = null;
    });
    this.running = run;
    return run;
  }

  private async prepare(): Promise<void> {
    const wasUnprotected = await this.store.prepare();
    const database = this.store.database();
    if (wasUnprotected && this.prepared === database) this.indexRemoved(indexRemoved());
    this.prepared = database;
  }
}

function indexRemoved(): AuditError {
  const what = 'The unique index that keeps writers apart was removed while the ledger was running';
  return new AuditError('INDEX_REMOVED', `${what}. It was made again, and recording goes on: run verify.`);
}
