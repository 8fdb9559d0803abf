import mongoose, { type Connection } from 'mongoose';
import { Audit } from '../../lib/audit';
import type { Entry } from '../../lib/chain/entry';
import type { VerificationReport } from '../../lib/verify/verify-chain';
import { parseOptions } from '../../lib/options';
import { collectionNames } from '../../models/collections';
import { MongoStore } from '../../models/store/mongo-store';

/** All that a ledger recorded. */
export interface Chains {
  entries: Entry[];
  /** Of each chain; what is wrong with one that is broken. */
  verdicts: string[];
}

/** Reads the ledgers of an application. It is no ledger of theirs: it records nothing, not even that it has started. */
export class Reader {
  private constructor(
    private readonly connection: Connection,
    private readonly ledger: string,
  ) {}

  /** @param ledger the name that they have */
  static async open(uri: string, dbName: string, ledger = 'localhost'): Promise<Reader> {
    return new Reader(await mongoose.createConnection(uri, { dbName }).asPromise(), ledger);
  }

  /** The entries of a tenant in the first ledger, oldest first. */
  async entriesOf(tenantId: string): Promise<Entry[]> {
    return entriesOf(this.#ledger('audit'), tenantId);
  }

  /** @param prefix of the ledger's collections */
  async all(prefix: string): Promise<Chains> {
    const audit = this.#ledger(prefix);
    const names = collectionNames(prefix);
    const tenants: string[] = await this.connection.collection(names.entries).distinct('tenantId');
    const chains = await Promise.all(tenants.map((tenantId) => entriesOf(audit, tenantId)));
    const reports = await Promise.all(tenants.map((tenantId) => audit.verify({ tenantId })));
    return { entries: chains.flat(), verdicts: reports.map(verdictOf) };
  }

  async close(): Promise<void> {
    await this.connection.dropDatabase();
    await this.connection.close();
  }

  #ledger(collections: string): Audit {
    const clock = { now: Date.now, random: Math.random };
    return new Audit(
      new MongoStore(this.connection, collections),
      parseOptions({ collections, ledger: this.ledger }),
      clock,
    );
  }
}

function verdictOf({ verdict, problems }: VerificationReport): string {
  return verdict === 'intact' ? verdict : problems.map(({ seq, message }) => `${seq}: ${message}`).join('; ');
}

async function entriesOf(audit: Audit, tenantId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await audit.list({ tenantId, order: 'asc', limit: 1000, cursor });
    entries.push(...page);
    cursor = page.nextCursor;
  }
  return entries;
}
