import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import type { Entry } from '../../lib/chain/entry';
import type { LedgerOptions } from '../../lib/options';
import { MongoStore } from '../../models/store/mongo-store';
import { ledgerOn, type TestLedger } from './memory-ledger';
import { MemoryStore } from '../../models/memory/memory-store';
import { serve, type Served } from './served';

export type { TestLedger };

/** A ledger in a database, or in memory. */
export function testLedger(where: Connection | MemoryStore, options: LedgerOptions = {}): TestLedger {
  return ledgerOn(where instanceof MemoryStore ? where : new MongoStore(where), options);
}

/** An application on such a ledger. */
export interface ServedLedger extends TestLedger, Served {
  /** All entries, once the responses have ended. */
  entries(): Promise<Entry[]>;
}

/** Serves the application that `build` makes around a ledger. */
export async function serveLedger(
  where: Connection | MemoryStore,
  build: (ledger: TestLedger) => RequestListener,
  options: LedgerOptions = {},
): Promise<ServedLedger> {
  const ledger = testLedger(where, options);
  const served = await serve(build(ledger));
  const entries = async () => {
    await served.settled();
    return ledger.recorded.all();
  };
  return { ...ledger, ...served, entries };
}
