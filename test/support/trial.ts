import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import { Audit } from '../../lib/audit';
import type { Entry } from '../../lib/chain/entry';
import { type LedgerOptions, parseOptions } from '../../lib/options';
import { MongoStore } from '../../models/store/mongo-store';
import { Recorded } from './recorded';
import { serve, type Served } from './served';

/** A ledger whose clock can be put forward. */
export interface TestLedger {
  audit: Audit;
  recorded: Recorded;
  /** What the ledger reported. */
  errors: Error[];
  advance(milliseconds: number): void;
}

/** A ledger in a database, as `createAudit` makes it. */
export function testLedger(connection: Connection, options: LedgerOptions = {}): TestLedger {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, random: Math.random };
  const audit = new Audit(new MongoStore(connection), parseOptions(options), clock);
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  return { audit, recorded: new Recorded(audit), errors, advance: (by) => (ahead += by) };
}

/** An application on such a ledger. */
export interface Trial extends TestLedger, Served {
  /** All entries, once the responses have ended. */
  entries(): Promise<Entry[]>;
}

/** Serves the application that `build` makes around a ledger. */
export async function trial(
  connection: Connection,
  build: (ledger: TestLedger) => RequestListener,
  options: LedgerOptions = {},
): Promise<Trial> {
  const ledger = testLedger(connection, options);
  const served = await serve(build(ledger));
  const entries = async () => {
    await served.settled();
    return ledger.recorded.all();
  };
  return { ...ledger, ...served, entries };
}
