import { Audit, ledgerOf } from './lib/audit';
import type { Entry } from './lib/chain/entry';
import { AuditError } from './lib/errors';
import { type LedgerOptions, type ParsedOptions, parseOptions } from './lib/options';
import type { OutboxItem, Session } from './lib/store/store';
import { assertOptions } from './lib/util/complaints';
import { MemoryStore } from './models/memory/memory-store';
import { turn } from './models/memory/turn';

export { checkDestination, type DestinationCheck } from './lib/streams/check-destination';
export type { TestAudit };

const SILENT = { warn: () => undefined, error: () => undefined };

/** The clock as it is at each call: the tests of an application may set it. */
const CLOCK = { now: () => Date.now(), random: Math.random };

/** Actions of the ledger's own chain begin so; no application may use such. */
const OWN = 'ledger.';

/**
 * Makes a ledger in memory for the tests of an application: the checks, conversion, hashes and folding of `createAudit`
 * without a database. It takes the same options. `spool` and the schedule and file of `checkpoints` are checked, and not
 * used: it has no timers, and writes nothing to disk. It logs nothing unless it is given a `logger`.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function createTestAudit<const Action extends string = string>(
  options: LedgerOptions<Action> = {},
): TestAudit<Action> {
  assertOptions('createTestAudit', options);
  if ((options as { connection?: unknown }).connection !== undefined) {
    const mend = 'leave it out, or use createAudit';
    throw new AuditError(
      'INVALID_OPTIONS',
      `createTestAudit takes no \`connection\`, it is in memory: ${mend}.`,
    );
  }
  const { logger = SILENT } = options;
  const parsed = parseOptions({ ...options, logger }, 'createTestAudit');
  const { onCheckpoint } = parsed.checkpoints;
  return new TestAudit<Action>(new TestStore(), {
    ...parsed,
    spool: undefined,
    checkpoints: { onCheckpoint },
  });
}

/** A ledger in memory, and a look at what it recorded. */
class TestAudit<Action extends string = string> extends Audit<Action> {
  readonly #store: TestStore;

  /** Use `createTestAudit`. */
  constructor(store: TestStore, options: ParsedOptions) {
    super(store, options, CLOCK);
    this.#store = store;
    store.linked = () => this.flush().catch(() => undefined);
  }

  /**
   * Copies of all entries, of all tenants, in the order in which they were recorded, but for the ledger's own (`ledger.…`).
   * An event is among them once its `event()`, or else `flush()`, has resolved.
   */
  get entries(): Entry[] {
    return this.#store.entries().filter(({ action }) => !action.startsWith(OWN));
  }

  /** As that of `Audit`. What is captured of a response that has ended counts as accepted. */
  override async flush(options: { timeoutMs?: number } = {}): Promise<void> {
    await turn();
    await super.flush(options);
  }

  /** Waits for what is queued, then removes all entries: each chain begins anew, and what was counted is forgotten. */
  async clear(): Promise<void> {
    do await this.flush().catch(() => undefined);
    while (this.#isBusy());
    this.#store.clear();
    ledgerOf(this).forget();
  }

  #isBusy(): boolean {
    const { queued, inFlight } = this.stats();
    return queued + inFlight > 0;
  }
}

/** There are no transactions in memory: an event in one is recorded at once, and stays when it is aborted. */
class TestStore extends MemoryStore {
  /** Resolves when the committed events are entries. */
  linked: () => Promise<void> = () => Promise.resolve();

  override async addToOutbox(
    items: readonly OutboxItem[],
    _session: Session,
    ready: Promise<void>,
    committed: () => void,
  ): Promise<void> {
    await super.addToOutbox(items, { inTransaction: () => false }, ready, committed);
    await this.linked();
  }
}
