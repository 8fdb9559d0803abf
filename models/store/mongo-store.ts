import type { ClientSession, Connection, mongo } from 'mongoose';
import type { Reading } from '../../lib/chain/chain-check';
import { documentId, type Entry, isHash } from '../../lib/chain/entry';
import type { Hash } from '../../lib/tree/hash';
import { decodeHex } from '../../lib/util/hex';
import type { Tile, TileId, TileRun } from '../../lib/tree/tile';
import type { StoredKey } from '../../lib/store/key-store';
import type { ChainPlace, ChainWatch } from '../../lib/store/stream-store';
import type { StoredCheckpoint } from '../../lib/store/tree-store';
import { AuditError } from '../../lib/errors';
import { quote } from '../../lib/util/quote';
import {
  AppendConflict,
  AppendRefusal,
  type CountQuery,
  type OutboxItem,
  type PageQuery,
  type PlacedReading,
  type SeqRange,
  type Session,
  type Store,
  type SubjectItem,
  type StoredItem,
  type WalkQuery,
} from '../../lib/store/store';
import { readActionNames } from './action-names';
import { auditEntryModel } from '../append-only/audit-entry';
import { type CollectionNames, collectionNames } from '../collections';
import { type ConnectionWatch, watchOf } from './connection-watch';
import { toDocument } from './write-document';
import { assertOwnIndex, EntryIndexes, NO_FORK_INDEX } from '../indexes';
import { assertSharding } from '../sharding';
import { inTime, withTimeLimit } from './time-limit';
import { walkEntries } from './walk';
import {
  addItems,
  ensureOutbox,
  findItems,
  findWaitingSubjects,
  ITEMS,
  readItems,
  readSubjectItems,
  refuseItems,
  removeItems,
  writeItems,
} from './outbox';
import { readAll, readAllRaw } from './cursor-batches';
import { isConflict, isDuplicateKey, isMissingHint, isRefusal, isUnsupported } from './error-codes';
import { LINEARIZABLE_READ, MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';
import { countEntries, toMongoFilter, readPage } from './queries';
import { readDocument } from './read-document';
import { ScanMerging } from './scan-merging';
import { readCheckpoints, readTileRoots, readTiles, writeCheckpoint, writeTiles } from './trees';
import { addKey, changeKey, readKeys } from './keys';
import { keepAside, readNewest, readStrangers, removeEntries } from './set-aside';
import { releaseLease, readLeaseHolder, acquireLease } from './leases';
import { readGrown, readTenants, streamsOf, watchEntries } from './streams';
import { MongoStreams } from './mongo-streams';

/** Documents come as BSON bytes, because the driver's own reader is not strict enough (see `bson-reader.ts`). */
const RAW_READ = { ...MAJORITY_READ, raw: true } as const;

/** One reply, and no cursor. */
const LAST_READ = { ...RAW_READ, sort: { seq: -1 }, limit: 1, singleBatch: true } as const;

/** What Mongoose keeps of the transaction that surrounds the caller. Its types do not declare it. */
interface MongooseBase {
  transactionAsyncLocalStorage?: { getStore(): { session?: DriverSession } | undefined };
}

type DriverSession = ClientSession & { client: unknown };

/** Stores the entries in MongoDB, on the application's own connection. */
export class MongoStore extends MongoStreams implements Store {
  private readonly names: CollectionNames;
  private readonly watch: ConnectionWatch;
  private readonly indexes = new EntryIndexes();
  private readonly merging = new ScanMerging();
  /** The database whose outbox is known to be there, and that divides no chain. */
  private preparedIn: unknown;

  /** @param prefix what the names of the collections begin with */
  constructor(
    private readonly connection: Connection,
    prefix?: string,
  ) {
    super();
    this.names = collectionNames(prefix);
    this.watch = watchOf(connection);
    auditEntryModel(connection, this.names.entries);
  }

  readonly isShared = true;

  isOpen(): boolean {
    return this.watch.isOpen();
  }

  poolSize(): number {
    // Not there before the connection was first opened.
    const client = this.connection.getClient() as mongo.MongoClient | undefined;
    return client?.options.maxPoolSize || Infinity; // 0 is none
  }

  isClosed(): boolean {
    return this.watch.isClosed();
  }

  whenOpen(call: () => void): void {
    this.watch.whenOpen(call);
  }

  /** Mongoose makes a new object when a connection is opened anew. */
  database(): unknown {
    return this.connection.db;
  }

  /** With Mongoose's `transactionAsyncLocalStorage`. The session of another connection's client would be refused. */
  ambientSession(): Session | undefined {
    const { base } = this.connection as unknown as { base?: MongooseBase };
    const session = base?.transactionAsyncLocalStorage?.getStore()?.session;
    return session?.inTransaction() && this.isOwnSession(session) ? session : undefined;
  }

  isOwnSession(session: Session): boolean {
    return (session as DriverSession).client === this.connection.getClient();
  }

  async prepare(): Promise<boolean> {
    const [entries, outbox] = [await this.entries(), await this.outbox()];
    const database = this.database() as mongo.Db;
    const isNew = this.preparedIn !== database;
    if (isNew) await assertSharding(database, this.names);
    const wasUnprotected = await this.indexes.ensure(entries);
    if (wasUnprotected || isNew) await ensureOutbox(outbox);
    this.preparedIn = database;
    return wasUnprotected;
  }

  async head(tenantId: string, { indexed = false, isConfirmed = false } = {}): Promise<Reading | null> {
    const entries = await this.entries();
    if (isConfirmed) await this.confirm(entries, tenantId);
    const options = { ...LAST_READ, ...(indexed && { hint: NO_FORK_INDEX.key }) };
    try {
      const [last] = await withTimeLimit(entries.find({ tenantId }, options).toArray());
      return last ? readDocument(last as unknown as Buffer) : null;
    } catch (error) {
      if (indexed && isMissingHint(error)) return null;
      throw error;
    }
  }

  async append(batch: readonly Entry[]): Promise<void> {
    const entries = await this.entries();
    try {
      await withTimeLimit(insert(entries, batch.map(toDocument) as never[]));
    } catch (error) {
      if (isRefusal(error) && !isConflict(error)) throw new AppendRefusal(error as Error);
      if (!isConflict(error)) throw error;
      if (isDuplicateKey(error)) await assertOwnIndex(entries, error);
      throw new AppendConflict('another writer was faster', { cause: error });
    }
  }

  async find(tenantId: string, ids: readonly string[]): Promise<Reading[]> {
    const names = ids.map((id) => documentId(tenantId, id));
    const entries = await this.entries();
    return (await readAllRaw(entries.find({ _id: { $in: names } } as never, RAW_READ))).map(readDocument);
  }

  async page(query: PageQuery): Promise<Reading[]> {
    return (await inTime(readPage(await this.entries(), query, this.merging))).map(readDocument);
  }

  async actionNames(tenantId: string, prefix: string, limit: number): Promise<string[]> {
    return readActionNames(await this.entries(), tenantId, prefix, limit);
  }

  async counts(query: CountQuery, ranges: readonly SeqRange[], limit: number): Promise<number[]> {
    return inTime(countEntries(await this.entries(), query, ranges, limit));
  }

  async firstSince(tenantId: string, time: number): Promise<number | null> {
    const entries = await this.entries();
    const since = { tenantId, recordedAt: { $gte: new Date(time) } };
    const [first] = await readAllRaw(entries.find(since, RAW_READ).sort({ recordedAt: 1, seq: 1 }).limit(1));
    return first ? assertSeq(readDocument(first)) : null;
  }

  async *walk(query: WalkQuery): AsyncIterable<Iterable<Reading>> {
    const entries = await this.entries();
    for await (const documents of walkEntries(entries, query)) yield readDocuments(documents);
  }

  /** Waits until the primary shows all that was acknowledged before, by whichever primary. */
  private async confirm(entries: mongo.Collection, tenantId: string): Promise<void> {
    try {
      const options = { ...LINEARIZABLE_READ, projection: { _id: 1 }, sort: { seq: -1 }, limit: 1 } as const;
      await readAll(entries.find({ tenantId }, options));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      await this.waitForMajority();
    }
  }

  /** A write that changes nothing waits for the majority, too. Who may not write has a server that has no such elections. */
  private async waitForMajority(): Promise<void> {
    const outbox = await this.outbox();
    try {
      await withTimeLimit(outbox.deleteOne({ _id: 'none' } as never, MAJORITY_WRITE));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
  }

  async strangers(tenantId: string, limit: number): Promise<Reading[]> {
    return (await readStrangers(await this.entries(), tenantId, limit)).map(readDocument);
  }

  async newest(tenantId: string, limit: number, skip: number): Promise<PlacedReading[]> {
    return readNewest(await this.entries(), tenantId, limit, skip);
  }

  async keepAside(name: string, keys: readonly unknown[]): Promise<string[]> {
    return keepAside(await this.entries(), await this.collection(this.names.removed), name, keys);
  }

  async removeEntries(keys: readonly unknown[]): Promise<void> {
    await removeEntries(await this.entries(), keys);
  }

  async leaves(tenantId: string, begin: number, end: number): Promise<Hash[]> {
    const entries = await this.entries();
    const seq = { min: begin + 1, max: end };
    const options = { ...MAJORITY_READ, projection: { seq: 1, hash: 1 } } as const;
    const found = await readAll(entries.find(toMongoFilter({ tenantId, seq }), options).sort({ seq: 1 }));
    const hashes: Hash[] = [];
    for (const { seq, hash } of found) {
      // After a gap or an invalid hash, the positions of the next hashes are unknown.
      if (Number(seq) !== begin + hashes.length + 1 || !isHash(hash)) break;
      hashes.push(decodeHex(hash));
    }
    return hashes;
  }

  async tiles(tenantId: string, names: readonly TileId[]): Promise<Tile[]> {
    return readTiles(await this.collection(this.names.tiles), tenantId, names);
  }

  async tileRoots(tenantId: string, runs: readonly TileRun[]): Promise<(TileId & { root: Hash })[]> {
    return readTileRoots(await this.collection(this.names.tiles), tenantId, runs);
  }

  async putTiles(tenantId: string, tiles: readonly Tile[]): Promise<void> {
    await withTimeLimit(writeTiles(await this.collection(this.names.tiles), tenantId, tiles));
  }

  async *checkpoints(tenantId: string, order: 'asc' | 'desc'): AsyncIterable<StoredCheckpoint> {
    yield* readCheckpoints(await this.collection(this.names.checkpoints), tenantId, order);
  }

  async addCheckpoint(tenantId: string, size: number, checkpoint: StoredCheckpoint): Promise<void> {
    await withTimeLimit(
      writeCheckpoint(await this.collection(this.names.checkpoints), tenantId, size, checkpoint),
    );
  }

  async addToOutbox(
    items: readonly OutboxItem[],
    session: Session,
    ready: Promise<void>,
    committed: () => void,
  ): Promise<void> {
    const outbox = ready.then(() => this.outbox());
    await withTimeLimit(addItems(outbox, items, session, committed));
  }

  async readSubjects(subjects: readonly string[], session: Session): Promise<SubjectItem[]> {
    return readSubjectItems(await this.outbox(), subjects, session);
  }

  async writeToOutbox(...[writes, ...rest]: Parameters<Store['writeToOutbox']>): Promise<void> {
    await withTimeLimit(writeItems(await this.outbox(), writes, ...rest));
  }

  async waitingSubjects(subjects: readonly string[]): Promise<string[]> {
    return subjects.length === 0 ? [] : findWaitingSubjects(await this.outbox(), subjects);
  }

  async findInOutbox(keys: readonly string[]): Promise<StoredItem[]> {
    return findItems(await this.outbox(), keys);
  }

  async readOutbox(limit: number, skip: number): Promise<StoredItem[]> {
    return readItems(await this.outbox(), limit, skip);
  }

  async refuseInOutbox(ids: readonly unknown[]): Promise<number> {
    return withTimeLimit(refuseItems(await this.outbox(), ids));
  }

  async countOutbox(): Promise<number> {
    return withTimeLimit((await this.outbox()).countDocuments(ITEMS, MAJORITY_READ));
  }

  async removeFromOutbox(keys: readonly string[]): Promise<void> {
    await withTimeLimit(removeItems(await this.outbox(), keys));
  }

  async leaseHolder(work: string): Promise<string | null> {
    return withTimeLimit(readLeaseHolder(await this.outbox(), work));
  }

  async acquireLease(work: string, name: string, seen: string | null): Promise<boolean> {
    return withTimeLimit(acquireLease(await this.outbox(), work, name, seen));
  }

  async releaseLease(work: string, name: string): Promise<void> {
    await withTimeLimit(releaseLease(await this.outbox(), work, name));
  }

  async addKey(key: StoredKey): Promise<void> {
    await withTimeLimit(addKey(await this.collection(this.names.keys), key));
  }

  async changeKey(key: StoredKey): Promise<boolean> {
    return withTimeLimit(changeKey(await this.collection(this.names.keys), key));
  }

  async keys(ids?: readonly string[]): Promise<StoredKey[]> {
    return readKeys(await this.collection(this.names.keys), ids);
  }

  async tenants(): Promise<string[]> {
    return readTenants(await this.entries());
  }

  async grown(places: readonly ChainPlace[]): Promise<ChainPlace[]> {
    return readGrown(await this.entries(), places);
  }

  async watchChains(told: (place: ChainPlace) => void): Promise<ChainWatch | null> {
    return watchEntries(await this.entries(), told);
  }

  protected override async streamRows(): Promise<ReturnType<typeof streamsOf>> {
    return streamsOf(await this.collection(this.names.streams));
  }

  private async entries(): Promise<mongo.Collection> {
    return this.collection(this.names.entries);
  }

  private async outbox(): Promise<mongo.Collection> {
    return this.collection(this.names.outbox);
  }

  /** The driver's own collection, without the buffering, hooks and sessions that Mongoose adds. */
  private async collection(name: string): Promise<mongo.Collection> {
    await this.watch.settled();
    const { db } = this.connection;
    if (db && !this.isClosed()) return db.collection(name);
    const [what, mend] = db
      ? ['was closed', 'close the ledger before the connection']
      : ['is not open', 'call mongoose.connect() first, or give createAudit the `connection` that is open'];
    throw new AuditError('STORE_UNAVAILABLE', `The Mongoose connection ${what}: ${mend}.`);
  }
}

/** The driver takes half as long for one document when it is told that there are no others. */
function insert(entries: mongo.Collection, documents: never[]): Promise<unknown> {
  return documents.length === 1
    ? entries.insertOne(documents[0] as never, MAJORITY_WRITE)
    : entries.insertMany(documents, { ordered: true, ...MAJORITY_WRITE });
}

/** Reads one document at a time, so that only one entry is in memory when the caller keeps none. */
function* readDocuments(documents: readonly Buffer[]): Iterable<Reading> {
  for (const bytes of documents) yield readDocument(bytes);
}

function assertSeq({ seq, documentId }: Reading): number {
  if (seq !== null) return seq;
  const what = `The document ${quote(documentId)} has no place in its chain: entries cannot be told by time`;
  throw new AuditError('ENTRY_ALTERED', `${what}. Run verify.`);
}
