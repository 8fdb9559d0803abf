import type { Reading } from '../chain/chain-check';
import type { Store } from '../store/store';
import type { ChainPlace, CursorMove, SetAside } from '../store/stream-store';
import type { Piece } from './destination';
import type { Follower, Growth } from './growth';
import { write, type Writing, type Written } from './piece';

/** What is delivered at once, and where cursors stand once it has been. */
export interface Batch {
  pieces: Piece[];
  aside: Omit<SetAside, 'at'>[];
  moves: CursorMove[];
  /** Whether there was more than it has room for: the stream is behind. */
  isFull: boolean;
  /** How long the database and this process took to make it, in milliseconds. */
  took: number;
}

/** What a feed works with. */
export interface FeedParts {
  store: Pick<Store, 'page' | 'head'>;
  growth: Growth;
  /** The tenants of the stream; null for all. */
  tenants: readonly string[] | null;
  writing: () => Writing;
  /** Bytes of a batch, at most, if that is less than the destination takes. */
  bytes: number;
  /** Behind which number a tenant's entries are delivered that has no cursor yet. */
  begin: (tenantId: string) => Promise<number>;
}

/** Entries in a page: as many as take about so many bytes, within bounds. */
const PAGE = { bytes: 2 * 1024 * 1024, least: 10, most: 1_000 };

/** Entries of a batch, at least, where there are so many: a cursor that moves with each message takes as long as the message. */
const BATCH = 20;

/** Pages that a batch is made of, at most: a filter may leave all of them out, and the cursors are to move on. */
const PAGES = 32;

/** Where a stream is in a chain. */
interface Position {
  /** Where the stored cursor will be when all batches so far are delivered; null before the first. */
  cursor: number | null;
  /** The number up to which entries were read. */
  read: number;
  /** The number up to which the destination has them. */
  delivered: number;
  /** How many were behind that when a batch was delivered last. */
  waiting: number | null;
}

/**
 * Reads the chains of a stream as they grow and packs their entries into batches, tenants in turn, each in the order of
 * `seq`. It holds one batch and one page, however much waits.
 */
export class Feed implements Follower {
  readonly tenants: readonly string[] | null;
  private readonly positions = new Map<string, Position>();
  /** Tenants that have more than was read. */
  private readonly queue = new Set<string>();
  /** What was read and had no room in the batch before. */
  private spare: { tenantId: string; seq: number; written: Written }[] = [];
  /** About how many bytes an entry takes. */
  private size = 2_000;
  private wake: () => void = () => undefined;

  constructor(private readonly parts: FeedParts) {
    this.tenants = parts.tenants;
  }

  /** Begins behind the cursors. */
  reset(cursors: readonly ChainPlace[]): void {
    this.positions.clear();
    this.queue.clear();
    this.spare = [];
    for (const { tenantId, seq } of cursors)
      this.positions.set(tenantId, { cursor: seq, read: seq, delivered: seq, waiting: null });
  }

  grown(tenantId: string, seq: number): void {
    if (seq <= (this.positions.get(tenantId)?.read ?? 0)) return;
    this.queue.add(tenantId);
    this.wake();
  }

  /** Resolves when there may be something to read, or `signal` is aborted. */
  async waiting(signal: AbortSignal): Promise<void> {
    if (this.queue.size > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.wake = go;
      signal.addEventListener('abort', go);
    });
  }

  /** The next batch; null when nothing waits. */
  async next(): Promise<Batch | null> {
    const begin = performance.now();
    const { entries, bytes } = this.parts.writing().destination.limits;
    const packing = new Packing({
      entries: Math.max(BATCH, entries),
      bytes: Math.min(this.parts.bytes, bytes),
    });
    for (let pages = 0; pages < PAGES; pages++) {
      this.drain(packing);
      const [tenantId] = this.queue;
      if (packing.isFull || this.spare.length > 0 || tenantId === undefined) break;
      this.queue.delete(tenantId);
      await this.read(tenantId, packing.room);
    }
    this.drain(packing);
    return packing.seqs.size === 0 ? null : { ...this.toBatch(packing), took: performance.now() - begin };
  }

  /** The destination has a batch. Gives whether its chains have grown by more since their batches before. */
  settled({ moves }: Batch): boolean {
    let more = 0;
    for (const { tenantId, to } of moves) {
      const position = this.positions.get(tenantId);
      if (!position) continue;
      const waiting = this.parts.growth.end(tenantId) - to;
      more += waiting - (position.waiting ?? waiting);
      Object.assign(position, { delivered: to, waiting });
    }
    return more > 0;
  }

  /** Entries that chains are known to have beyond those that the destination has. */
  lag(): number {
    let entries = 0;
    for (const [tenantId, { delivered }] of this.positions)
      entries += Math.max(0, this.parts.growth.end(tenantId) - delivered);
    for (const tenantId of this.queue)
      if (!this.positions.has(tenantId)) entries += this.parts.growth.end(tenantId);
    return entries;
  }

  private drain(packing: Packing): void {
    let taken = 0;
    for (const { tenantId, seq, written } of this.spare) {
      if (!packing.add(tenantId, seq, written)) break;
      taken++;
    }
    this.spare.splice(0, taken);
  }

  private async read(tenantId: string, room: number): Promise<void> {
    const { store, growth, writing } = this.parts;
    try {
      const position = this.positions.get(tenantId) ?? (await this.start(tenantId));
      const limit = Math.min(
        room,
        Math.max(
          PAGE.least,
          Math.min(PAGE.most, Math.floor(Math.min(this.parts.bytes, PAGE.bytes) / this.size)),
        ),
      );
      const before = position.read;
      const seq = { min: before + 1, max: Number.MAX_SAFE_INTEGER };
      // What was delivered and then undone by a failover would hide what took its place.
      const page = await store.page({ tenantId, order: 'asc', limit, seq });
      for (const reading of page.filter(hasPlace)) {
        const written = write(reading, tenantId, writing());
        if (written && 'piece' in written) this.size += (written.piece.bytes - this.size) / 16;
        this.spare.push({ tenantId, seq: reading.seq, written });
        position.read = reading.seq;
      }
      // Who is behind is to know how far.
      const end = page.length === limit ? ((await store.head(tenantId))?.seq ?? 0) : 0;
      growth.raise({ tenantId, seq: Math.max(position.read, end) });
      const isBehind = page.length === limit || growth.end(tenantId) > position.read;
      // What was told of, and is not there, was undone: to ask on would be to ask without an end.
      if (position.read === before) growth.lower({ tenantId, seq: before });
      else if (isBehind) this.queue.add(tenantId);
    } catch (error) {
      this.queue.add(tenantId);
      throw error;
    }
  }

  private async start(tenantId: string): Promise<Position> {
    const begin = await this.parts.begin(tenantId);
    const position = { cursor: null, read: begin, delivered: begin, waiting: null };
    this.positions.set(tenantId, position);
    return position;
  }

  private toBatch({ pieces, aside, seqs, isFull }: Packing): Omit<Batch, 'took'> {
    const moves = Array.from(seqs, ([tenantId, to]): CursorMove => {
      const position = this.positions.get(tenantId) as Position;
      const from = position.cursor;
      position.cursor = to;
      return { tenantId, from, to };
    });
    return { pieces, aside, moves, isFull: isFull || this.spare.length > 0 };
  }
}

/** A batch that is being made. */
class Packing {
  readonly pieces: Piece[] = [];
  readonly aside: Batch['aside'] = [];
  /** How far each tenant's chain is in it. */
  readonly seqs = new Map<string, number>();
  private bytes = 0;

  constructor(private readonly limits: { entries: number; bytes: number }) {}

  get room(): number {
    return this.limits.entries - this.pieces.length;
  }

  get isFull(): boolean {
    return this.room <= 0 || this.bytes >= this.limits.bytes;
  }

  /** False when there is no room. */
  add(tenantId: string, seq: number, written: Written): boolean {
    if (written && 'piece' in written) {
      const { bytes } = written.piece;
      if (this.pieces.length > 0 && (this.isFull || this.bytes + bytes > this.limits.bytes)) return false;
      this.pieces.push(written.piece);
      this.bytes += bytes;
    } else if (written) this.aside.push(written.aside);
    this.seqs.set(tenantId, seq);
    return true;
  }
}

/** What has no place in its chain stands at its end, and is found by verify. */
function hasPlace(reading: Reading): reading is Reading & { seq: number } {
  return reading.seq !== null;
}
