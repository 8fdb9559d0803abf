import type { IndexDefinition, mongo } from 'mongoose';
import { AuditError } from '../lib/errors';
import { isIndexConflict, isMissingCollection, isNotAllowed } from './store/error-codes';
import { DURABLE_INDEXES, MAJORITY_READ } from './store/read-write-concerns';
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
  'name' | 'key' | 'unique' | 'sparse' | 'collation' | 'partialFilterExpression' | 'expireAfterSeconds'
>;

/** Dates of entries: an index by which the database would delete them. */
const DATES: ReadonlySet<string> = new Set(['recordedAt', 'occurredAt']);

/** Makes sure that the indexes of the entries are there. */
export class EntryIndexes {
  /**
   * Whether the making of indexes was begun, and its end is not known: the database lists an index that is still being
   * made, and does not yet refuse by it. Asking for it again waits for its end.
   */
  private isBuilding = false;
  private mayCreate = true;
  /** Indexes for queries in whose place there are others, which are as they were made on purpose. */
  private readonly replaced = new Set<EntryIndex>();

  /** @param limit how long a request may take, in milliseconds */
  constructor(private readonly limit?: number) {}

  /**
   * Creates what is missing. Where the database role may not, checks that the chain's index exists. True when that index
   * was not there.
   * @throws AuditError `STORE_UNAVAILABLE` without that index: several processes could fork the chain;
   * `FOREIGN_COLLECTION` when it would be made on documents that are no entries; `UNSUITABLE_COLLECTION` where the
   * collection compares texts otherwise, deletes by time, or has an index in the place of that one.
   */
  async ensure(collection: mongo.Collection): Promise<boolean> {
    const found = this.isBuilding ? [] : await listIndexes(collection);
    assertSuitable(collection, found);
    const missing = INDEXES.filter(
      (index) => !this.replaced.has(index) && !found.some((other) => isSame(index, other)),
    );
    const isUnprotected = missing.includes(NO_FORK_INDEX);
    if (missing.length === 0 || (!this.mayCreate && !isUnprotected)) return false;
    if (isUnprotected) await assertOwn(collection);
    this.isBuilding = true;
    try {
      await this.create(collection, missing);
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      this.mayCreate = false;
      if (!(await listIndexes(collection)).some((other) => isSame(NO_FORK_INDEX, other)))
        throw notProtected(collection, error);
    }
    this.isBuilding = false;
    return isUnprotected;
  }

  private async create(collection: mongo.Collection, missing: readonly EntryIndex[]): Promise<void> {
    const create = (indexes: readonly EntryIndex[]) =>
      withTimeLimit(collection.createIndexes(indexes.map(toDescription), DURABLE_INDEXES), this.limit);
    try {
      await create(missing);
    } catch (error) {
      if (!isIndexConflict(error)) throw error;
      // One that is in the way of one index must not keep the others from being made.
      for (const index of missing) await this.createUnlessReplaced(collection, index, () => create([index]));
    }
  }

  private async createUnlessReplaced(
    collection: mongo.Collection,
    index: EntryIndex,
    create: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await create();
    } catch (error) {
      if (!isIndexConflict(error)) throw error;
      const found = await listIndexes(collection);
      if (found.some((other) => isSame(index, other))) return; // under another name
      if (index === NO_FORK_INDEX) throw inTheWay(collection, found, error);
      this.replaced.add(index);
    }
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
    const listed = collection.listIndexes({ maxTimeMS: MAJORITY_READ.maxTimeMS });
    return (await withTimeLimit(listed.toArray())) as FoundIndex[];
  } catch (error) {
    if (isMissingCollection(error) || isNotAllowed(error)) return [];
    throw error;
  }
}

/** One of some entries only, or that takes different texts for the same, keeps no writers apart and answers no query. */
function isSame({ key, unique }: EntryIndex, found: FoundIndex): boolean {
  if (found.partialFilterExpression !== undefined || found.collation !== undefined) return false;
  if (found.sparse === true) return false;
  return hasKey(key, found) && (unique !== true || found.unique === true);
}

/** The values of keys are numbers of any type that the driver has. */
function hasKey(key: EntryIndex['key'], found: FoundIndex): boolean {
  const members = Object.entries(found.key).map(([name, value]) => [name, Number(value)]);
  return JSON.stringify(members) === JSON.stringify(Object.entries(key));
}

/**
 * A collection that was made with a collation hands it down to its `_id` and to each query: `ACME` and `acme` would be one
 * tenant. An index that expires deletes the beginning of each chain, and no role prevents it.
 */
function assertSuitable(collection: mongo.Collection, found: readonly FoundIndex[]): void {
  for (const { name = '', key, collation, expireAfterSeconds } of found) {
    if (name === '_id_' && collation !== undefined)
      throw unsuitable(collection, 'was made with a collation, by which different tenants are the same');
    if (expireAfterSeconds !== undefined && DATES.has(Object.keys(key)[0] ?? ''))
      throw unsuitable(collection, `has the index ${name}, which deletes entries by time`);
  }
}

function inTheWay(collection: mongo.Collection, found: readonly FoundIndex[], cause: unknown): AuditError {
  const { key } = NO_FORK_INDEX;
  const other = found.find((index) => hasKey(key, index) || index.name === 'tenantId_1_seq_1');
  const what = `has the index ${other?.name ?? 'of another kind'} in the place of the unique one on tenantId and seq`;
  return unsuitable(collection, what, cause);
}

function unsuitable({ collectionName }: mongo.Collection, what: string, cause?: unknown): AuditError {
  const mend =
    'drop that index, or give createAudit the option `collections` so that it makes one of its own';
  return new AuditError('UNSUITABLE_COLLECTION', `The collection ${collectionName} ${what}: ${mend}.`, {
    cause,
  });
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
