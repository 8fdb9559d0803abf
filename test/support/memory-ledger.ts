import { Audit } from '../../lib/audit';
import { type LedgerOptions, parseOptions } from '../../lib/options';
import type { Store } from '../../lib/store/store';
import { MemoryStore } from '../../models/memory/memory-store';
import { PATIENCE } from './patience';
import { Recorded } from './recorded';

/** A ledger whose clock can be put forward. */
export interface TestLedger {
  audit: Audit;
  recorded: Recorded;
  /** What the ledger reported. */
  errors: Error[];
  advance(milliseconds: number): void;
}

/** A ledger on a store, as `createAudit` makes it; no event fails because a machine is slow. */
export function ledgerOn(store: Store, options: LedgerOptions = {}): TestLedger {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, random: Math.random };
  const audit = new Audit(store, parseOptions({ timeoutMs: PATIENCE, ...options }), clock);
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  return { audit, recorded: new Recorded(audit), errors, advance: (by) => (ahead += by) };
}

/** A ledger that needs no database, and the store that it is in. */
export function memoryLedger(options?: LedgerOptions, store = new MemoryStore()) {
  return { ...ledgerOn(store, options), store };
}
