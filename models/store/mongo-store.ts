import { type Connection, ConnectionStates, type mongo } from 'mongoose';
import type { Reading } from '../../lib/chain/chain-check';
import { documentId, type Entry, isHash } from '../../lib/chain/entry';
import type { Hash } from '../../lib/tree/hash';
import { decodeHex } from '../../lib/util/hex';
import type { Tile, TileId, TileRun } from '../../lib/tree/tile';
import type { StoredCheckpoint } from '../../lib/store/tree-store';
import { AuditError } from '../../lib/errors';
import { quote } from '../../lib/util/quote';
import {
  AppendConflict,
  type CountQuery,
  type OutboxItem,
  type PageQuery,
  type SeqRange,
  type Session,
  type Store,
  type WalkQuery,
} from '../../lib/store/store';
import { readActionNames } from './action-names';
import { auditEntryModel, ENTRIES } from '../append-only/audit-entry';
import { isClosed, watchClosing } from './closed-connection';
import { toDocument } from './write-document';
import { ensureIndexes } from '../indexes';
import { withTimeLimit } from './time-limit';
import { ensureOutbox, ITEMS, OUTBOX, addItem, readItems, removeItems } from './outbox';
import { cursorBatches, readAll, readAllRaw } from './cursor-batches';
import { isConflict } from './error-codes';
import { MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';
import { countEntries, toMongoFilter, readPage } from './queries';
import { readDocument } from './read-document';
import {
  CHECKPOINTS,
  readCheckpoints,
  readTileRoots,
  readTiles,
  TILES,
  writeCheckpoint,
  writeTiles,
} from './trees';
import { releaseLease, readLeaseHolder, acquireLease } from './leases';

/** Documents come as BSON bytes, because the driver's own reader is not strict enough (see `bson-reader.ts`). */
const RAW_READ = { ...MAJORITY_READ, raw: true } as const;

/** How long it may take to create the indexes of a collection that has documents already, in milliseconds. */
const INDEXING_LIMIT = 3_600_000;

/** Documents in one reply: few enough that the garbage collector frees them before it treats them as long-lived. */
const WALK_BATCH = 500;

/** Stores the entries in MongoDB, on the application's own connection. */
export class MongoStore implements Store {
  constructor(private readonly connection: Connection) {
    auditEntryModel(connection);
    watchClosing(connection);
  }

  isOpen(): boolean {
    return this.connection.readyState === ConnectionStates.connected;
  }

  whenOpen(call: () => void): void {
    if (this.isOpen()) call();
    else this.connection.once('connected', call);
  }

  async prepare(): Promise<void> {
    const [entries, outbox] = [await this.entries(), await this.outbox()];
    await withTimeLimit(
      ensureIndexes(entries).then(() => ensureOutbox(outbox)),
      INDEXING_LIMIT,
    );
  }

  async head(tenantId: string): Promise<Reading | null> {
    const entries = await this.entries();
    const [last] = await readAllRaw(entries.find({ tenantId }, RAW_READ).sort({ seq: -1 }).limit(1));
    return last ? readDocument(last) : null;
  }

  async append(batch: readonly Entry[]): Promise<void> {
    const entries = await this.entries();
    try {
      const options = { ordered: true, ...MAJORITY_WRITE } as const;
      await withTimeLimit(entries.insertMany(batch.map(toDocument) as never[], options));
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new AppendConflict('another writer was faster', { cause: error });
    }
  }

  async find(tenantId: string, ids: readonly string[]): Promise<Reading[]> {
    const names = ids.map((id) => documentId(tenantId, id));
    const entries = await this.entries();
    return (await readAllRaw(entries.find({ _id: { $in: names } } as never, RAW_READ))).map(readDocument);
  }

  async page(query: PageQuery): Promise<Reading[]> {
    return (await readPage(await this.entries(), query)).map(readDocument);
  }

  async actionNames(tenantId: string, prefix: string, limit: number): Promise<string[]> {
    return readActionNames(await this.entries(), tenantId, prefix, limit);
  }

  async counts(query: CountQuery, ranges: readonly SeqRange[], limit: number): Promise<number[]> {
    return countEntries(await this.entries(), query, ranges, limit);
  }

  async firstSince(tenantId: string, time: number): Promise<number | null> {
    const entries = await this.entries();
    const since = { tenantId, recordedAt: { $gte: new Date(time) } };
    const [first] = await readAllRaw(entries.find(since, RAW_READ).sort({ recordedAt: 1, seq: 1 }).limit(1));
    return first ? assertSeq(readDocument(first)) : null;
  }

  async *walk(query: WalkQuery): AsyncIterable<Iterable<Reading>> {
    const entries = await this.entries();
    const cursor = entries
      .find(toMongoFilter(query), { ...RAW_READ, batchSize: WALK_BATCH })
      .sort({ seq: 1 });
    for await (const batch of cursorBatches(cursor, { ahead: true }))
      yield readDocuments(batch as unknown as Buffer[]);
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
    return readTiles(await this.collection(TILES), tenantId, names);
  }

  async tileRoots(tenantId: string, runs: readonly TileRun[]): Promise<(TileId & { root: Hash })[]> {
    return readTileRoots(await this.collection(TILES), tenantId, runs);
  }

  async putTiles(tenantId: string, tiles: readonly Tile[]): Promise<void> {
    await withTimeLimit(writeTiles(await this.collection(TILES), tenantId, tiles));
  }

  async *checkpoints(tenantId: string, order: 'asc' | 'desc'): AsyncIterable<StoredCheckpoint> {
    yield* readCheckpoints(await this.collection(CHECKPOINTS), tenantId, order);
  }

  async addCheckpoint(tenantId: string, size: number, checkpoint: StoredCheckpoint): Promise<void> {
    await withTimeLimit(writeCheckpoint(await this.collection(CHECKPOINTS), tenantId, size, checkpoint));
  }

  async addToOutbox(
    item: OutboxItem,
    session: Session,
    ready: Promise<void>,
    committed: () => void,
  ): Promise<void> {
    const outbox = ready.then(() => this.outbox());
    await withTimeLimit(addItem(outbox, item, session, committed));
  }

  async readOutbox(limit: number, skip: number): Promise<OutboxItem[]> {
    return readItems(await this.outbox(), limit, skip);
  }

  async countOutbox(): Promise<number> {
    return withTimeLimit((await this.outbox()).countDocuments(ITEMS));
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

  private async entries(): Promise<mongo.Collection> {
    return this.collection(ENTRIES);
  }

  private async outbox(): Promise<mongo.Collection> {
    return this.collection(OUTBOX);
  }

  /** The driver's own collection, without the buffering, hooks and sessions that Mongoose adds. */
  private async collection(name: string): Promise<mongo.Collection> {
    await this.connection.asPromise();
    if (isClosed(this.connection)) {
      const mend = 'close the ledger before the connection';
      throw new AuditError('STORE_UNAVAILABLE', `The Mongoose connection was closed: ${mend}.`);
    }
    const { db } = this.connection;
    if (db) return db.collection(name);
    throw new AuditError(
      'STORE_UNAVAILABLE',
      'The Mongoose connection is not open: call mongoose.connect() first.',
    );
  }
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
