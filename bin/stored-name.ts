import type { MongoStore } from '../models/store/mongo-store';
import { InputError, UsageError } from './failure';
import { storedLedger } from './ledger';

/**
 * The name of the ledger that a tenant's chain belongs to: the one given, else that of the stored checkpoints. Beside
 * these a checkpoint under another name would make the chain look tampered with.
 * @throws InputError when they differ; UsageError when a signature needs a name and there is none.
 */
export async function findLedgerName(
  store: MongoStore,
  tenantId: string,
  given: string | undefined,
  isSigned: boolean,
): Promise<string | undefined> {
  const stored = (await storedLedger(store, tenantId)) ?? undefined;
  if (given !== undefined && stored !== undefined && given !== stored) {
    const what = `The checkpoints of the tenant ${JSON.stringify(tenantId)} are of the ledger ${JSON.stringify(stored)}`;
    throw new InputError(`${what}, not of ${JSON.stringify(given)}: correct --ledger.`);
  }
  const name = given ?? stored;
  if (name === undefined && isSigned)
    throw new UsageError('--ledger is missing: no stored checkpoint tells the name of the ledger');
  return name;
}
