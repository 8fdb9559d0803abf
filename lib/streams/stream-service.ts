import type { Receipt } from '../chain/entry';
import { AuditError } from '../errors';
import { isoText } from '../event/instant';
import type { Store } from '../store/store';
import type { CursorMove, StreamRow, StreamStore } from '../store/stream-store';
import type { LeaseStore } from '../store/store';
import { mapConcurrently } from '../util/concurrency';
import { pause } from '../write/pause';
import { Growth, type GrowthPace } from './growth';
import { type ParsedStream, parseStream, readDescription } from './stream-options';
import type { Progress } from './progress';
import { RightOfWay } from './right-of-way';
import { Stream, type StreamParts } from './stream';
import { TICK, Turn } from './turn';

/** What streams need of a ledger. */
export interface StreamServiceParts extends Omit<StreamParts, 'growth' | 'rightOfWay' | 'store'> {
  store: Pick<Store, 'page' | 'firstSince' | 'head'> & StreamStore & LeaseStore;
  /** Records what was done with a stream in the ledger's own chain; without it, nothing is recorded. */
  record: (action: string, metadata: object, outcome: 'success' | 'failure') => Promise<unknown>;
  /** Something that no caller waits for went wrong. */
  report: (error: AuditError) => void;
  pace?: Partial<ServicePace>;
  /** Milliseconds by which turns end; those of the process when left out. */
  elapsed?: () => number;
}

/** Numbers of the streams that this process delivers, for a health endpoint. Times are milliseconds since 1970. */
export interface StreamStats {
  streams?: ({ name: string } & Progress)[];
}

/** A stream as all processes know it, and as this one does. */
export interface StreamState {
  row: StreamRow;
  stream: Stream | null;
  setAside: number;
}

/** Times in milliseconds. */
export interface ServicePace {
  /** How often leases are renewed and looked at. */
  tick: number;
  /** How often the function that gives streams of tenants is asked. */
  list: number;
  growth: GrowthPace;
}

const PACE = { tick: TICK, list: 60_000 };

/** How long a delivery may take that is under way when the ledger closes, in milliseconds. */
const GRACE = 5_000;

/** The turn at all streams of tenants: there may be thousands, and a lease of each would be read each second. */
const OF_TENANTS = 'streams of tenants';

/** All streams of a ledger in this process. Without one it does nothing. */
export class StreamService {
  readonly growth: Growth;
  private readonly rightOfWay = new RightOfWay();
  private readonly streams = new Map<string, Stream>();
  /** Streams whose row is known to be there. */
  private readonly announced = new Set<string>();
  /** Streams of the function, by name. */
  private listed = new Set<string>();
  private readonly list: (() => Promise<unknown>) | null;
  private rows = new Map<string, StreamRow>();
  private version: string | null = null;
  private listAt = 0;
  private asking: Promise<unknown> | null = null;
  /** What was wrong with the list: when it was asked last, and now. */
  private wasWrong = new Set<string>();
  private wrong = new Set<string>();
  private readonly over = new AbortController();
  private running: Promise<void> | null = null;
  private readonly pace: typeof PACE;
  private isStarted = false;
  /** Ends the wait for the next tick. */
  private soon = new AbortController();

  constructor(
    private readonly parts: StreamServiceParts,
    list: readonly ParsedStream[] | (() => Promise<unknown>) = [],
  ) {
    this.pace = { ...PACE, ...parts.pace };
    this.growth = new Growth(parts.store, parts.pace?.growth);
    this.list = typeof list === 'function' ? list : null;
    if (typeof list !== 'function') for (const options of list) this.put(options);
  }

  /** Whether there is anything to deliver. */
  get isIdle(): boolean {
    return this.streams.size === 0 && this.list === null;
  }

  /** Takes up the work, once the database has been reached. */
  start(): void {
    this.isStarted = true;
    if (!this.isIdle && !this.over.signal.aborted) this.running ??= this.work();
  }

  /** An entry of this process is durable. */
  recorded(receipt: Receipt): void {
    this.growth.recorded(receipt);
  }

  /** Adds a stream, or changes the one of its name. */
  async add(options: ParsedStream): Promise<void> {
    const { name } = options;
    this.put(options);
    this.announced.add(name); // it is told of here, and not by the next tick
    if (this.isStarted) this.start();
    try {
      const before = await this.parts.store.findStream(name);
      await (
        await this.announce(this.streams.get(name) as Stream, before)
      ).told;
    } catch (error) {
      this.announced.delete(name);
      throw error;
    }
  }

  /** Ends a stream in all processes, and forgets how far it is. */
  async remove(name: string): Promise<void> {
    await this.drop(name);
    await this.assertKnown(name);
    await this.parts.store.removeStream(name);
    await this.parts.record('ledger.stream_removed', { stream: name }, 'success');
  }

  async setPaused(name: string, isPaused: boolean, reason?: string): Promise<void> {
    await this.assertKnown(name);
    await this.parts.store.changeStream(name, { isPaused });
    const action = isPaused ? 'ledger.stream_paused' : 'ledger.stream_resumed';
    const details = isPaused ? {} : { after: 'pause' };
    await this.parts.record(
      action,
      { stream: name, ...details, ...(reason !== undefined && { reason }) },
      'success',
    );
    this.changed();
  }

  /** Sets cursors back, or on: each tenant's to just before the number that `place` gives for it, or to its end. */
  async replay(
    name: string,
    tenantId: string | undefined,
    place: (tenantId: string) => Promise<number | null>,
    told: object,
  ): Promise<void> {
    const { store } = this.parts;
    const row = await this.assertKnown(name);
    const tenants = tenantId === undefined ? tenantsOf(row) : [tenantId];
    const moves = await mapConcurrently(
      tenants ?? (await store.tenants()),
      async (whose): Promise<CursorMove> => {
        const end = (await store.head(whose))?.seq ?? 0;
        // Never beyond the end: what is recorded next would be passed over.
        return { tenantId: whose, from: 'any', to: Math.min(((await place(whose)) ?? Infinity) - 1, end) };
      },
    );
    await store.moveCursors(name, moves);
    // Read once the cursors are set: of two at a time, the second must not count as the first did, or nobody would look again.
    const { replays } = (await store.findStream(name)) ?? row;
    await store.changeStream(name, { replays: replays + 1 });
    await this.parts.record('ledger.stream_replayed', { stream: name, ...told }, 'success');
    this.changed();
  }

  /** A stream that this process knows how to deliver. */
  known(name: string): Stream {
    const stream = this.streams.get(name);
    if (stream) return stream;
    throw unknown(name, 'this process has no stream of that name');
  }

  /** The streams that any process has made known and that are `wanted`, by name, and how they go. */
  async all(wanted: (row: StreamRow) => boolean = () => true): Promise<StreamState[]> {
    const rows = (await this.parts.store.streams()).filter(wanted);
    rows.sort((a, b) => (a.name < b.name ? -1 : 1)); // a store gives them in any order
    return mapConcurrently(rows, async (row) => ({
      row,
      stream: this.streams.get(row.name) ?? null,
      setAside: await this.parts.store.countSetAside(row.name),
    }));
  }

  /** How the streams go that this process delivers; nothing where it has none. */
  stats(): StreamStats {
    if (this.isIdle) return {};
    const delivering = [...this.streams.values()].filter((stream) => stream.isDelivering);
    return {
      streams: delivering.map((stream) => ({ name: stream.name, ...structuredClone(stream.measured()) })),
    };
  }

  /** Ends all deliveries in order; those that take longer are given up, and delivered again by another process. */
  async stop(timeoutMs = GRACE): Promise<void> {
    this.over.abort();
    const streams = [...this.streams.values()];
    const late = setTimeout(() => streams.forEach((stream) => stream.abandon()), Math.min(timeoutMs, GRACE));
    await this.running;
    const turns = new Set<Turn>();
    await Promise.allSettled(streams.map((stream) => stream.end()));
    clearTimeout(late);
    for (const stream of streams) turns.add(stream.turn);
    // What is not given back becomes stale, and is taken over.
    for (const turn of turns) await turn.release().catch(() => undefined);
  }

  private async work(): Promise<void> {
    const { signal } = this.over;
    while (!signal.aborted) {
      try {
        await this.tick();
      } catch {
        // The database is away: what is delivered ends when the turn can no longer be known.
      }
      for (const stream of this.streams.values()) stream.update(this.rows.get(stream.name));
      await pause(this.pace.tick, AbortSignal.any([signal, this.soon.signal]), false).catch(() => undefined);
      if (this.soon.signal.aborted) this.soon = new AbortController();
    }
  }

  private async tick(): Promise<void> {
    this.askForList();
    await this.readRows();
    const unknown = [...this.streams.values()].filter(({ name }) => !this.announced.has(name));
    // Nothing waits for the entries: while the ledger's own chain is blocked, streams are delivered all the same.
    for (const { told } of await mapConcurrently(unknown, (stream) =>
      this.announce(stream, this.rows.get(stream.name) ?? null),
    ))
      void told.catch(() => undefined);
    const turns = new Set(Array.from(this.streams.values(), ({ turn }) => turn));
    await mapConcurrently([...turns], (turn) => turn.tick());
    if (this.version === null) await this.readRows();
  }

  private async readRows(): Promise<void> {
    const version = await this.parts.store.streamsVersion();
    if (version === this.version) return;
    const rows = await this.parts.store.streams();
    this.rows = new Map(rows.map((row) => [row.name, row]));
    this.version = version;
  }

  /** The rows have changed. */
  private changed(): void {
    this.version = null;
    this.soon.abort();
  }

  /** Makes a stream known to all processes, and what it is now. `told` resolves once that is an entry. */
  private async announce(
    { name, description }: Stream,
    before: StreamRow | null,
  ): Promise<{ told: Promise<unknown> }> {
    const { store, clock, record } = this.parts;
    const text = JSON.stringify(description);
    const row = { name, isPaused: false, replays: 0, description: text, progress: null, since: clock.now() };
    const isNew = !before && (await store.addStream(row));
    const isChanged = before !== null && before.description !== text;
    if (isChanged) await store.changeStream(name, { description: text });
    this.announced.add(name);
    this.changed();
    const action = isNew ? 'ledger.stream_started' : 'ledger.stream_changed';
    const details = { stream: name, ...description };
    return { told: isNew || isChanged ? record(action, details, 'success') : Promise.resolve() };
  }

  /** Nothing waits for the answer: what is delivered goes on while the application's own database does not answer. */
  private askForList(): void {
    if (!this.list || this.asking || this.parts.clock.now() < this.listAt) return;
    this.listAt = this.parts.clock.now() + this.pace.list;
    this.asking = this.list()
      .then((given) => this.take(given))
      .catch((cause: unknown) => this.reportList('it threw', cause))
      .finally(() => {
        this.asking = null;
        [this.wasWrong, this.wrong] = [this.wrong, new Set()];
      });
  }

  /** Streams of tenants come and go with the application's own list. */
  private async take(given: unknown): Promise<void> {
    if (this.over.signal.aborted) return;
    if (!Array.isArray(given)) return this.reportList('it gave no array');
    const parsed = new Map<string, ParsedStream>();
    for (const options of (given as unknown[]).flatMap((each) => this.tryParse(each))) {
      const { name } = options;
      // A tenant that may choose names must not take the place of another's stream, or of the application's own.
      const isTaken = parsed.has(name) || (this.streams.has(name) && !this.listed.has(name));
      if (isTaken) this.reportList(`it gave a second stream of the name ${JSON.stringify(name)}`);
      else parsed.set(name, options);
    }
    const gone = [...this.listed].filter((name) => !parsed.has(name));
    this.listed = new Set(parsed.keys());
    for (const options of parsed.values()) this.put(options, OF_TENANTS);
    for (const name of gone) await this.drop(name);
    this.changed();
  }

  private tryParse(options: unknown): ParsedStream[] {
    try {
      return [parseStream(options)];
    } catch (cause) {
      this.reportList(cause instanceof Error ? cause.message : String(cause), cause);
      return [];
    }
  }

  /** What is wrong with the list each minute is told once. */
  private reportList(what: string, cause?: unknown): void {
    this.wrong.add(what);
    if (this.wasWrong.has(what)) return;
    this.parts.report(
      new AuditError('STREAM_FAILED', `The function that gives streams: ${what}.`, { cause }),
    );
  }

  private put(options: ParsedStream, work = `stream:${options.name}`): void {
    const { name } = options;
    const before = this.streams.get(name);
    const isSame = before && JSON.stringify(before.tenants) === JSON.stringify(options.tenants);
    if (isSame) {
      if (JSON.stringify(before.description) !== JSON.stringify(options.description))
        this.announced.delete(name);
      before.replace(options);
      return;
    }
    void before?.end().catch(() => undefined);
    const { report, record } = this.parts;
    const turn = work === OF_TENANTS ? (this.shared ??= this.newTurn(work)) : this.newTurn(work);
    const listener = {
      failed: (error: AuditError, details: object) => {
        report(error);
        void record('ledger.stream_failure', { stream: name, ...details }, 'failure').catch(() => undefined);
      },
      resumed: ({ reason, since }: { reason: string; since: number }) => {
        const details = { stream: name, after: 'failure', reason, since: isoText(since) };
        void record('ledger.stream_resumed', details, 'success').catch(() => undefined);
      },
    };
    const gone = (reason: string) => void this.setPaused(name, true, reason).catch(() => undefined);
    const parts = { ...this.parts, growth: this.growth, rightOfWay: this.rightOfWay };
    this.streams.set(name, new Stream(options, turn, parts, listener, gone));
  }

  private shared: Turn | undefined;
  private newTurn(work: string): Turn {
    return new Turn(work, this.parts.store, this.parts.elapsed, this.pace.tick);
  }

  private async drop(name: string): Promise<void> {
    const stream = this.streams.get(name);
    this.streams.delete(name);
    this.announced.delete(name);
    await stream?.end().catch(() => undefined);
    if (stream && stream.turn !== this.shared) await stream.turn.release();
  }

  private async assertKnown(name: string): Promise<StreamRow> {
    const row = await this.parts.store.findStream(name);
    if (row) return row;
    throw unknown(name, 'no process has made a stream of that name known');
  }
}

/** The tenants of a stream, as any process knows it; null for all. */
function tenantsOf({ description }: StreamRow): readonly string[] | null {
  const { tenants, owner } = readDescription(description);
  return tenants ?? (owner === undefined ? null : [owner]);
}

function unknown(name: string, why: string): AuditError {
  return new AuditError(
    'UNKNOWN_STREAM',
    `${JSON.stringify(name)}: ${why}. \`status()\` names those that there are.`,
  );
}
