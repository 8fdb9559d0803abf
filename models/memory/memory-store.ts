import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { Reading } from '../../lib/chain/chain-check';
import { documentId, type Entry, isHash } from '../../lib/chain/entry';
import { assertPlace } from '../../lib/read/read-entries';
import { listOf, type OneOrMore } from '../../lib/read/rules';
import {
  type ActionFilter,
  AppendConflict,
  type CountQuery,
  type PageQuery,
  type PlacedReading,
  type SeqRange,
  type Store,
  type WalkQuery,
} from '../../lib/store/store';
import type { StoredKey } from '../../lib/store/key-store';
import type { ChainPlace } from '../../lib/store/stream-store';
import type { StoredCheckpoint } from '../../lib/store/tree-store';
import type { Hash } from '../../lib/tree/hash';
import type { Tile, TileId, TileRun } from '../../lib/tree/tile';
import { decodeHex } from '../../lib/util/hex';
import { toDocument } from '../store/write-document';
import { MemoryOutbox } from './memory-outbox';
import { compareTexts } from './compare-texts';
import { turn } from './turn';

/** A document: its members to search by, which may be of any type, and how it is read. */
export interface StoredDocument {
  members: Record<string, unknown>;
  /** Gives what no caller can change it by. */
  read: () => Reading;
}

/** Readings in a portion of a walk. */
const PORTION = 500;

const isIn = (value: unknown, { min, max }: SeqRange): boolean =>
  typeof value === 'number' && value >= min && value <= max;

/** A store in the memory of one process, for tests. Nothing in it is durable, and it takes part in no transaction. */
export class MemoryStore extends MemoryOutbox implements Store {
  /** By tenant, in the order of `seq`. */
  protected readonly chains = new Map<unknown, StoredDocument[]>();
  /** By `_id`, in the order in which they were stored. */
  protected readonly byId = new Map<unknown, StoredDocument>();
  private readonly trees = new Map<string, Map<string, Tile>>();
  private readonly notes = new Map<string, Map<string, StoredCheckpoint>>();
  private readonly holders = new Map<string, string>();
  private readonly apiKeys = new Map<string, StoredKey>();
  private readonly removed = new Map<string, string>();

  /** A test may turn its clock back. */
  readonly isShared = false;

  /** All entries, in the order in which they were stored. */
  entries(): Entry[] {
    return [...this.byId.values()].flatMap(({ read }) => read().entry ?? []);
  }

  /** Empties it. */
  clear(): void {
    for (const kept of [
      this.chains,
      this.byId,
      this.trees,
      this.notes,
      this.holders,
      this.apiKeys,
      this.removed,
    ])
      kept.clear();
    this.clearOutbox();
    this.clearStreams();
  }

  isOpen(): boolean {
    return true;
  }

  whenOpen(call: () => void): void {
    call();
  }

  poolSize(): number {
    return Infinity;
  }

  isClosed(): boolean {
    return false;
  }

  database(): unknown {
    return this;
  }

  ambientSession(): undefined {
    return undefined;
  }

  async prepare(): Promise<boolean> {
    await turn();
    return false;
  }

  async head(tenantId: string): Promise<Reading | null> {
    await turn();
    const last = this.chainOf(tenantId).at(-1);
    return last ? last.read() : null;
  }

  async append(entries: readonly Entry[]): Promise<void> {
    const documents = entries.map((entry) => this.toStored(entry));
    await turn();
    for (const [i, { tenantId, id, seq }] of entries.entries()) {
      if (this.byId.has(documentId(tenantId, id)) || this.at(tenantId, seq))
        throw new AppendConflict('another writer was faster');
      this.insert(documents[i] as StoredDocument);
    }
  }

  async find(tenantId: string, ids: readonly string[]): Promise<Reading[]> {
    await turn();
    const names = new Set(ids.map((id) => documentId(tenantId, id)));
    return [...names].flatMap((name) => readAll(this.byId.get(name)));
  }

  async page(query: PageQuery): Promise<Reading[]> {
    await turn();
    const found = this.filtered(query);
    return (query.order === 'asc' ? found : found.reverse()).slice(0, query.limit).flatMap(readAll);
  }

  async firstSince(tenantId: string, time: number): Promise<number | null> {
    await turn();
    const timeOf = ({ members }: StoredDocument) => Number(members['recordedAt']);
    const since = this.chainOf(tenantId).filter(
      (stored) => types.isDate(stored.members['recordedAt']) && timeOf(stored) >= time,
    );
    const [first] = since.sort((a, b) => timeOf(a) - timeOf(b));
    return first ? assertPlace(first.read(), tenantId) : null;
  }

  async actionNames(tenantId: string, prefix: string, limit: number): Promise<string[]> {
    await turn();
    const actions = this.chainOf(tenantId).map(({ members }): unknown => members['action']);
    const names = actions.filter((action) => typeof action === 'string' && action.startsWith(prefix));
    return [...new Set(names as string[])].sort(compareTexts).slice(0, limit);
  }

  async counts(query: CountQuery, ranges: readonly SeqRange[], limit: number): Promise<number[]> {
    await turn();
    return ranges.map((seq) => Math.min(limit, this.filtered({ ...query, seq }).length));
  }

  async *walk(query: WalkQuery): AsyncIterable<Iterable<Reading>> {
    const found = this.filtered(query);
    for (let at = 0; at < found.length; at += PORTION) {
      await turn();
      query.signal?.throwIfAborted();
      yield found.slice(at, at + PORTION).flatMap(readAll);
    }
  }

  async strangers(tenantId: string, limit: number): Promise<Reading[]> {
    await turn();
    const name = documentId(tenantId, '');
    const all = [...this.byId].filter(([id]) => typeof id === 'string' && id.startsWith(name));
    const others = all.filter(([, { members }]) => members['tenantId'] !== tenantId);
    return others.slice(0, limit).map(([, { read }]) => read());
  }

  async newest(tenantId: string, limit: number, skip: number): Promise<PlacedReading[]> {
    await turn();
    const newest = [...this.chainOf(tenantId)].reverse().slice(skip, skip + limit);
    return newest.map(({ members, read }) => ({ reading: read(), key: members['_id'] }));
  }

  async keepAside(name: string, keys: readonly unknown[]): Promise<string[]> {
    await turn();
    return keys.flatMap((key) => {
      const text = JSON.stringify(this.byId.get(key)?.members ?? null);
      this.removed.set(`${name}:${String(key)}`, text);
      return [createHash('sha256').update(text).digest('hex')];
    });
  }

  async removeEntries(keys: readonly unknown[]): Promise<void> {
    await turn();
    for (const key of keys) {
      const tenantId: unknown = this.byId.get(key)?.members['tenantId'];
      this.chains.set(
        tenantId,
        this.chainOf(tenantId).filter(({ members }) => members['_id'] !== key),
      );
      this.byId.delete(key);
    }
  }

  async leaves(tenantId: string, begin: number, end: number): Promise<Hash[]> {
    await turn();
    const hashes: Hash[] = [];
    for (const { members } of this.filtered({ tenantId, seq: { min: begin + 1, max: end } })) {
      const hash: unknown = members['hash'];
      if (members['seq'] !== begin + hashes.length + 1 || !isHash(hash)) break;
      hashes.push(decodeHex(hash));
    }
    return hashes;
  }

  async tiles(tenantId: string, names: readonly TileId[]): Promise<Tile[]> {
    await turn();
    const tiles = names.map(({ level, index }) => this.trees.get(tenantId)?.get(`${level}:${index}`));
    return tiles.filter((tile) => tile !== undefined).map(copyOf);
  }

  async tileRoots(tenantId: string, runs: readonly TileRun[]): Promise<(TileId & { root: Hash })[]> {
    await turn();
    const isWanted = ({ level, index }: TileId) =>
      runs.some((run) => run.level === level && run.begin <= index && index < run.end);
    const tiles = [...(this.trees.get(tenantId)?.values() ?? [])].filter(isWanted);
    return tiles.map(({ level, index, root }) => ({ level, index, root: new Uint8Array(root) }));
  }

  async putTiles(tenantId: string, tiles: readonly Tile[]): Promise<void> {
    await turn();
    const tree = this.trees.get(tenantId) ?? new Map<string, Tile>();
    this.trees.set(tenantId, tree);
    for (const tile of tiles) tree.set(`${tile.level}:${tile.index}`, copyOf(tile));
  }

  async *checkpoints(tenantId: string, order: 'asc' | 'desc'): AsyncIterable<StoredCheckpoint> {
    await turn();
    const kept = [...(this.notes.get(tenantId) ?? [])].sort(([a], [b]) => compareTexts(a, b));
    for (const [, checkpoint] of order === 'asc' ? kept : kept.reverse()) yield structuredClone(checkpoint);
  }

  async addCheckpoint(tenantId: string, size: number, checkpoint: StoredCheckpoint): Promise<void> {
    await turn();
    const kept = this.notes.get(tenantId) ?? new Map<string, StoredCheckpoint>();
    this.notes.set(tenantId, kept);
    const place = `${String(size).padStart(16, '0')}:${checkpoint.keys[0]?.split('+')[1] ?? 'unsigned'}`;
    const isOfSize = Number(checkpoint.note.split('\n', 2)[1]) === size;
    const note = isOfSize ? checkpoint.note : '';
    const other = kept.get(place);
    if (other?.note === note) return;
    const free = other ? `${place}:${kept.size}` : place;
    kept.set(free, structuredClone({ ...checkpoint, note }));
  }

  async leaseHolder(work: string): Promise<string | null> {
    await turn();
    return this.holders.get(work) ?? null;
  }

  async acquireLease(work: string, name: string, seen: string | null): Promise<boolean> {
    await turn();
    if ((this.holders.get(work) ?? null) !== seen) return false;
    this.holders.set(work, name);
    return true;
  }

  async releaseLease(work: string, name: string): Promise<void> {
    await turn();
    if (this.holders.get(work) === name) this.holders.delete(work);
  }

  async addKey(key: StoredKey): Promise<void> {
    await turn();
    if (this.apiKeys.has(key.id)) throw new Error(`There is a key ${key.id} already`);
    this.apiKeys.set(key.id, structuredClone(key));
  }

  async changeKey(key: StoredKey): Promise<boolean> {
    await turn();
    if (this.apiKeys.get(key.id)?.revision !== key.revision - 1) return false;
    this.apiKeys.set(key.id, structuredClone(key));
    return true;
  }

  async keys(ids?: readonly string[]): Promise<StoredKey[]> {
    await turn();
    const found = [...this.apiKeys.values()].filter(({ id }) => !ids || ids.includes(id));
    return structuredClone(found);
  }

  async tenants(): Promise<string[]> {
    await turn();
    return [...this.chains.keys()].filter((tenantId) => typeof tenantId === 'string');
  }

  async grown(places: readonly ChainPlace[]): Promise<ChainPlace[]> {
    await turn();
    const next = places.map(({ tenantId, seq }) => ({ tenantId, seq: seq + 1 }));
    return next.filter(({ tenantId, seq }) => this.at(tenantId, seq));
  }

  async watchChains(): Promise<null> {
    await turn();
    return null;
  }

  /** A document of an entry, as it is now. */
  protected toStored(entry: Entry): StoredDocument {
    const text = JSON.stringify(entry);
    const members = toDocument(JSON.parse(text) as Entry);
    const { seq, hash } = entry;
    const read = () => ({
      documentId: members._id,
      seq,
      hash,
      entry: JSON.parse(text) as Entry,
      fault: null,
    });
    return { members, read };
  }

  protected insert(stored: StoredDocument): void {
    const chain = this.chainOf(stored.members['tenantId']);
    const before = chain.findLastIndex((other) => placeOf(other) <= placeOf(stored));
    chain.splice(before + 1, 0, stored);
    this.chains.set(stored.members['tenantId'], chain);
    this.byId.set(stored.members['_id'], stored);
  }

  protected chainOf(tenantId: unknown): StoredDocument[] {
    return this.chains.get(tenantId) ?? [];
  }

  protected at(tenantId: string, seq: number): StoredDocument | undefined {
    const stored = this.chainOf(tenantId).findLast((other) => placeOf(other) <= seq);
    return stored?.members['seq'] === seq ? stored : undefined;
  }

  /** What a query is about, in the order of `seq`. */
  private filtered({ tenantId, seq, action, ...others }: WalkQuery): StoredDocument[] {
    const isAction = (stored: unknown) => listOf(action).some((filter) => isNamed(filter, stored));
    return this.chainOf(tenantId).filter(({ members }) => {
      if (seq && !isIn(members['seq'], seq)) return false;
      for (const other of ['actor', 'resource', 'outcome'] as const)
        if (others[other] !== undefined && !isOneOf(others[other], members[other])) return false;
      return action === undefined || isAction(members['action']);
    });
  }
}

/** In UTF-8, as which a database is asked, half of a pair is the replacement character. */
function isOneOf(values: OneOrMore<string>, stored: unknown): boolean {
  return listOf(values).some((value) => value.toWellFormed() === stored);
}

function isNamed({ name, prefix }: ActionFilter, stored: unknown): boolean {
  if (prefix && name === '') return true;
  const text = name.toWellFormed();
  return prefix ? typeof stored === 'string' && stored.startsWith(text) : stored === text;
}

/** Hashes may be views of far larger buffers, which `structuredClone` would copy whole. */
const copyOf = ({ hashes, root, ...place }: Tile): Tile => ({
  ...place,
  hashes: hashes.map((hash) => new Uint8Array(hash)),
  root: new Uint8Array(root),
});

/** Where a document stands: what has no number comes behind all that have one, as in a database. */
function placeOf({ members }: StoredDocument): number {
  return typeof members['seq'] === 'number' ? members['seq'] : Infinity;
}

function readAll(stored: StoredDocument | undefined): Reading[] {
  return stored ? [stored.read()] : [];
}
