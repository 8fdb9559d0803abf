import type { IndexDefinition, mongo } from 'mongoose';
import { AuditError } from '../lib/errors';
import { isMissingCollection, isNotAllowed } from './store/error-codes';
import { withTimeLimit } from './store/time-limit';

/** An index of the entries. Each begins with the tenant and ends with `seq`, so that it returns entries in that order. */
export interface EntryIndex {
  key: Record<string, 1>;
  unique?: true;
}

/** Prevents a fork of the chain: two entries of a tenant cannot have the same `seq`. */
export const NO_FORK_INDEX: EntryIndex = { key: { tenantId: 1, seq: 1 }, unique: true };

/** Unique indexes that refuse what another writer has stored already. The names are those that a database gives. */
const EXPECTED_REFUSALS: ReadonlySet<string> = new Set(['_id_', 'tenantId_1_seq_1']);

/** The unique index of the chain, and one index for each filter of `list`. */
export const INDEXES: readonly (EntryIndex & { key: IndexDefinition })[] = [
  NO_FORK_INDEX,
  { key: { tenantId: 1, actor: 1, seq: 1 } },
  { key: { tenantId: 1, action: 1, seq: 1 } },
  { key: { tenantId: 1, resource: 1, seq: 1 } },
  { key: { tenantId: 1, outcome: 1, seq: 1 } },
  { key: { tenantId: 1, recordedAt: 1, seq: 1 } },
];

/** Documents that are looked at to tell whose a collection is. */
const SAMPLE = 20;

/** An index as the database describes it. */
type FoundIndex = Pick<
  mongo.IndexDescriptionInfo,
  'name' | 'key' | 'unique' | 'partialFilterExpression' | 'expireAfterSeconds'
>;

/** Makes sure that the indexes of the entries are there. */
export class EntryIndexes {
  /**
   * Whether the making of indexes was begun, and its end is not known: the database lists an index that is still being
   * made, and does not yet refuse by it. Asking for it again waits for its end.
   */
  private isBuilding = false;
  private mayCreate = true;

  /** @param limit how long a request may take, in milliseconds */
  constructor(private readonly limit?: number) {}

  /**
   * Creates what is missing. Where the database role may not, checks that the chain's index exists. True when that index
   * was not there.
   * @throws AuditError `STORE_UNAVAILABLE` without that index: several processes could fork the chain;
   * `FOREIGN_COLLECTION` when it would be made on documents that are no entries.
   */
  async ensure(collection: mongo.Collection): Promise<boolean> {
    const found = this.isBuilding ? [] : await listIndexes(collection);
    const missing = INDEXES.filter((index) => !found.some((other) => isSame(index, other)));
    const isUnprotected = missing.includes(NO_FORK_INDEX);
    if (missing.length === 0 || (!this.mayCreate && !isUnprotected)) return false;
    if (isUnprotected) await assertOwn(collection);
    this.isBuilding = true;
    try {
      await withTimeLimit(collection.createIndexes(missing.map(toDescription)), this.limit);
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      this.mayCreate = false;
      if (!(await listIndexes(collection)).some((other) => isSame(NO_FORK_INDEX, other)))
        throw notProtected(collection, error);
    }
    this.isBuilding = false;
    return isUnprotected;
  }
}

/** The indexes of the entries that are not there, and those that would delete entries by time. */
export async function inspectIndexes(
  collection: mongo.Collection,
): Promise<{ missing: EntryIndex[]; expiring: string[] }> {
  const found = await listIndexes(collection);
  return {
    missing: INDEXES.filter((index) => !found.some((other) => isSame(index, other))),
    expiring: found.flatMap(({ name, expireAfterSeconds }) =>
      expireAfterSeconds === undefined ? [] : [String(name)],
    ),
  };
}

/**
 * Whether a refused insert was refused by a unique index that is not the ledger's.
 * @throws AuditError `FOREIGN_COLLECTION` when it was
 */
export async function assertOwnIndex(collection: mongo.Collection, refusal: unknown): Promise<void> {
  const name = /index: (\S+) dup key/.exec((refusal as Error).message)?.[1];
  if (name === undefined || EXPECTED_REFUSALS.has(name)) return;
  const index = (await listIndexes(collection)).find((other) => other.name === name);
  if (index && !isSame(NO_FORK_INDEX, index))
    throw foreign(collection, `has the unique index ${name}, which is not the ledger's and refuses entries`);
}

/** The documents of a collection without our index: another program's have neither a tenant nor a number. */
async function assertOwn(collection: mongo.Collection): Promise<void> {
  const projection = { _id: 0, tenantId: 1, seq: 1 };
  const cursor = collection.find({}, { projection, limit: SAMPLE, raw: false, promoteValues: true });
  const documents = await withTimeLimit(cursor.toArray());
  if (documents.length === 0 || documents.some(({ tenantId, seq }) => isEntryOf(tenantId, seq))) return;
  throw foreign(collection, 'holds documents that are no audit entries');
}

function isEntryOf(tenantId: unknown, seq: unknown): boolean {
  return typeof tenantId === 'string' && seq !== undefined;
}

/** The indexes of a collection; none when it is not there, or the role may not list them. */
async function listIndexes(collection: mongo.Collection): Promise<FoundIndex[]> {
  try {
    return (await withTimeLimit(collection.listIndexes().toArray())) as FoundIndex[];
  } catch (error) {
    if (isMissingCollection(error) || isNotAllowed(error)) return [];
    throw error;
  }
}

/** The values of keys are numbers of any type that the driver has. One of some entries only keeps no writers apart. */
function isSame({ key, unique }: EntryIndex, found: FoundIndex): boolean {
  if (found.partialFilterExpression !== undefined) return false;
  const members = Object.entries(found.key).map(([name, value]) => [name, Number(value)]);
  return (
    JSON.stringify(members) === JSON.stringify(Object.entries(key)) &&
    (unique !== true || found.unique === true)
  );
}

function toDescription({ key, unique }: EntryIndex): mongo.IndexDescription {
  return { key, ...(unique && { unique }) };
}

function foreign({ collectionName }: mongo.Collection, what: string): AuditError {
  const mend = "give createAudit the option `collections`, such as 'ledger' for `ledger_entries`";
  return new AuditError('FOREIGN_COLLECTION', `The collection ${collectionName} ${what}: ${mend}.`);
}

function notProtected({ collectionName }: mongo.Collection, cause: unknown): AuditError {
  const what = `The collection ${collectionName} has no unique index on tenantId and seq`;
  const mend = 'this database role may not create it: create it as another user';
  return new AuditError('STORE_UNAVAILABLE', `${what}, and ${mend}.`, { cause });
}
