import type { Clock } from '../util/clock';
import type { Store } from '../store/store';
import type { ChainPlace, StreamRow, StreamStore } from '../store/stream-store';
import type { Delivery, Piece, Refused } from './destination';
import { Dispatch, type Failure } from './dispatch';
import { Feed } from './feed';
import { type Growth, PLACES } from './growth';
import { reasonOf } from './net/fetch-post';
import { DeliveryMeans, GUARDED_NETWORK, type Network, OPEN_NETWORK } from './net/means';
import type { Writing } from './piece';
import { newProgress, type Progress, readProgress } from './progress';
import type { RightOfWay } from './right-of-way';
import type { ParsedStream } from './stream-options';
import { Trouble, type TroubleListener } from './trouble';
import type { Turn } from './turn';

/** What streams work with. */
export interface StreamParts {
  store: Pick<Store, 'page' | 'firstSince' | 'head'> & StreamStore;
  growth: Growth;
  rightOfWay: RightOfWay;
  clock: Clock;
  /** How destinations are reached: openly, or guarded for addresses that tenants give. */
  networks?: { open: Network; guarded: Network };
  /** How long a destination may take for one delivery, in milliseconds; 30 s when left out. */
  patience?: number;
}

const PATIENCE = 30_000;

/** Entries of a stream of a tenant that may be set aside: its destination may refuse all that there are, with a word for each. */
export const MOST_ASIDE = 10_000;

/** Bytes of a batch of such a stream: thousands of them may hang at a time, and each holds two. */
const BATCH_OF_TENANT = 256 * 1024;

/** Ticks between two reports while nothing changes for the worse or better. */
const REPORT = 5;

/** One stream in one process: delivers while it is this process's turn, and the stream is not paused. */
export class Stream {
  readonly progress: Progress = newProgress();
  private readonly feed: Feed;
  private readonly dispatch: Dispatch;
  private readonly trouble: Trouble;
  private options: ParsedStream;
  /** Ends waiting, and reading on; what is being delivered is delivered. */
  private ending: AbortController | null = null;
  /** Ends what is being delivered: another process may deliver it. */
  private lost = new AbortController();
  private running: Promise<void> | null = null;
  private row: StreamRow | null = null;
  private faults = 0;
  private ticks = 0;
  private reported = '';
  /** When the oldest entry of the batch under way was recorded. */
  private oldest: number | null = null;

  constructor(
    options: ParsedStream,
    readonly turn: Turn,
    private readonly parts: StreamParts,
    listener: TroubleListener,
    private readonly gone: (reason: string) => void,
  ) {
    this.options = options;
    const { store, growth, clock } = parts;
    const now = () => clock.now();
    this.trouble = new Trouble(options.name, listener, now);
    this.feed = new Feed({
      store,
      growth,
      tenants: options.tenants,
      writing: () => this.writing,
      bytes: options.owner === null ? Infinity : BATCH_OF_TENANT,
      begin: (tenantId) => this.begin(tenantId),
    });
    this.dispatch = new Dispatch({
      most: () => this.options.to.limits.entries,
      deliver: (pieces) => this.deliver(pieces),
      setAside: (entries) => this.setAside(entries),
      room: () => this.room(),
      failed: (failure) => this.failed(failure),
      succeeded: () => this.succeeded(),
      random: () => clock.random(),
    });
  }

  get name(): string {
    return this.options.name;
  }

  get description(): ParsedStream['description'] {
    return this.options.description;
  }

  get tenants(): readonly string[] | null {
    return this.options.tenants;
  }

  /** How its entries are written. */
  get writing(): Writing {
    return { ...this.options, destination: this.options.to };
  }

  get isDelivering(): boolean {
    return this.running !== null;
  }

  /** Takes a destination and a filter that were given anew. Its tenants are those that it has. */
  replace(options: ParsedStream): void {
    const { to } = this.options;
    this.options = options;
    if (to !== options.to) void Promise.resolve(to.close?.()).catch(() => undefined);
  }

  /** Begins or ends delivering, as it is this process's turn or not, and as the row says. Called about once a second. */
  update(row: StreamRow | undefined): void {
    const isOurs = this.turn.isHeld && row?.isPaused === false;
    const isReplayed = this.row !== null && row?.replays !== this.row.replays;
    if (!this.turn.isHeld) this.lost.abort();
    if (!isOurs || isReplayed) this.ending?.abort();
    this.row = row ?? null;
    if (isOurs && !this.running) this.running = this.run().finally(() => (this.running = null));
    if (isOurs && (this.ticks++ % REPORT === 0 || this.trouble.since !== this.progress.failingSince))
      this.report();
  }

  /** Delivers what is under way, and no more. */
  async end(): Promise<void> {
    this.ending?.abort();
    await this.running;
    await this.options.to.close?.();
  }

  /** Gives up what is under way: its time is over. */
  abandon(): void {
    this.lost.abort();
  }

  /** One try to deliver pieces, outside of the stream's order. */
  async deliver(pieces: readonly Piece[], isInTurn = true): Promise<Delivery> {
    const {
      clock,
      patience = PATIENCE,
      networks = { open: OPEN_NETWORK, guarded: GUARDED_NETWORK },
    } = this.parts;
    if (isInTurn && !this.turn.isHeld) throw new DOMException('another process has the turn', 'AbortError');
    const signal = AbortSignal.any([AbortSignal.timeout(patience), ...(isInTurn ? [this.lost.signal] : [])]);
    const means = new DeliveryMeans(
      this.options.owner === null ? networks.open : networks.guarded,
      signal,
      () => clock.now(),
    );
    try {
      return withoutSecrets(await unlessAborted(this.options.to.deliver(pieces, means), signal), means);
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${patience / 1000} s` : reasonOf(error);
      return { result: 'retry', reason: means.describe(reason) };
    }
  }

  private async run(): Promise<void> {
    const { store, growth } = this.parts;
    const { signal } = (this.ending = new AbortController());
    this.lost = new AbortController();
    let unfollow = (): void => undefined;
    try {
      this.takeOver((await store.findStream(this.name))?.progress ?? null);
      const cursors = await this.cursors();
      this.feed.reset(cursors);
      unfollow = growth.follow(this.feed);
      for (const cursor of cursors) growth.raise(cursor);
      await this.deliverAll(signal);
      this.faults = 0;
    } catch (error) {
      if (!signal.aborted && !this.lost.signal.aborted)
        this.trouble.failed(this.remember(reasonOf(error)), ++this.faults);
    } finally {
      unfollow();
    }
  }

  /**
   * Where the stream is in the chains of its tenants. A cursor beyond the end of its chain would pass over what is recorded
   * next: the database is an older copy, or somebody wrote the cursor. That chain is delivered from its beginning.
   */
  private async cursors(): Promise<ChainPlace[]> {
    const { store } = this.parts;
    const all = await store.cursors(this.name);
    const cursors = all.filter(({ tenantId }) => this.tenants?.includes(tenantId) ?? true);
    const begun = cursors.filter(({ seq }) => seq > 0);
    const reached = new Set<string>();
    for (let begin = 0; begin < begun.length; begin += PLACES) {
      const places = begun
        .slice(begin, begin + PLACES)
        .map(({ tenantId, seq }) => ({ tenantId, seq: seq - 1 }));
      for (const { tenantId } of await store.grown(places)) reached.add(tenantId);
    }
    const doubtful = begun.filter(({ tenantId }) => !reached.has(tenantId));
    for (const cursor of doubtful) {
      const end = (await store.head(cursor.tenantId))?.seq ?? 0;
      if (end >= cursor.seq) continue; // the entry is gone, which verify finds, and others are behind it
      const { tenantId, seq: from } = cursor;
      cursor.seq = await this.begin(tenantId);
      await store.moveCursors(this.name, [{ tenantId, from, to: cursor.seq }]);
      this.remember(
        `its cursor in the chain of ${JSON.stringify(tenantId)} was beyond the end: it begins anew`,
      );
    }
    return cursors;
  }

  /** Reads the next batch while one is delivered; cursors move once the destination has what is before them. */
  private async deliverAll(signal: AbortSignal): Promise<void> {
    const { store, growth, rightOfWay } = this.parts;
    let next = this.feed.next();
    for (;;) {
      const recorded = growth.recordedHere;
      const batch = await next;
      if (signal.aborted) return;
      if (batch) {
        next = this.feed.next();
        next.catch(() => undefined); // it is awaited in its turn
        this.oldest = Date.parse(batch.pieces[0]?.entry.recordedAt ?? '') || null;
        await this.setAside(batch.aside);
        await this.dispatch.settle(batch.pieces, signal);
        // Somebody has set them back, or another process delivers: what is ahead was read for another place.
        const begin = performance.now();
        if (!(await store.moveCursors(this.name, batch.moves))) return;
        const isLosing = this.feed.settled(batch);
        this.progress.delivered += batch.pieces.length;
        this.oldest = null;
        // To wait for the destination is no work. One that falls further behind would never catch up if it gave way.
        if (batch.isFull && !isLosing && growth.recordedHere > recorded)
          await rightOfWay.give(batch.took + performance.now() - begin, signal);
      } else {
        await this.feed.waiting(signal);
        next = this.feed.next();
      }
    }
  }

  /** A tenant without a cursor: all of its entries, or those since an instant. */
  private async begin(tenantId: string): Promise<number> {
    const { store } = this.parts;
    const { from } = this.options;
    const time = from === 'now' ? (this.row?.since ?? this.parts.clock.now()) : from;
    if (time === null) return 0;
    const first = await store.firstSince(tenantId, time);
    return first === null ? ((await store.head(tenantId))?.seq ?? 0) : first - 1;
  }

  private async setAside(
    entries: Parameters<ConstructorParameters<typeof Dispatch>[0]['setAside']>[0],
  ): Promise<void> {
    if (entries.length === 0) return;
    const at = this.parts.clock.now();
    await this.parts.store.addSetAside(
      this.name,
      entries.map((entry) => ({ ...entry, at })),
    );
    this.remember(`set aside: ${entries.at(-1)?.reason ?? ''}`);
  }

  private async room(): Promise<number> {
    if (this.options.owner === null) return Infinity;
    return MOST_ASIDE - (await this.parts.store.countSetAside(this.name));
  }

  private failed({ delivery, attempt }: { delivery: Failure; attempt: number }): void {
    this.remember(delivery.reason);
    this.trouble.failed(delivery, attempt);
    if (delivery.result === 'stop' && delivery.isGone) this.gone(delivery.reason);
  }

  private succeeded(): void {
    this.progress.lastSuccess = this.parts.clock.now();
    this.trouble.succeeded();
  }

  private remember(reason: string): { result: 'retry'; reason: string } {
    this.progress.lastError = { reason, at: this.parts.clock.now() };
    return { result: 'retry', reason };
  }

  /** What the process before has told. */
  private takeOver(text: string | null): void {
    if (this.progress.lastSuccess !== null) return;
    const { delivered, lastSuccess, lastError, failingSince } = readProgress(text);
    Object.assign(this.progress, { delivered, lastSuccess, lastError: lastError ?? this.progress.lastError });
    this.trouble.takeOver(failingSince, this.progress.lastError?.reason ?? '');
  }

  /** How it goes now. */
  measured(): Progress {
    const seconds = this.oldest === null ? 0 : Math.max(0, this.parts.clock.now() - this.oldest) / 1000;
    this.progress.lag = { entries: this.feed.lag(), seconds };
    this.progress.failingSince = this.trouble.since;
    return this.progress;
  }

  private report(): void {
    const text = JSON.stringify(this.measured());
    if (text === this.reported) return;
    this.reported = text;
    // Who asks gets an older word.
    this.parts.store.reportStream(this.name, text).catch(() => (this.reported = ''));
  }
}

/** Does not wait for a destination that goes on after its time. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(new Error('aborted'));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', end));
}

/** A delivery whose reasons may be shown. */
function withoutSecrets(delivery: Delivery, means: DeliveryMeans): Delivery {
  const told = { ...delivery };
  if ('reason' in told) told.reason = means.describe(told.reason);
  const refused = (told as { refused?: readonly Refused[] | undefined }).refused;
  if (refused && told.result !== 'split' && told.result !== 'stop')
    told.refused = refused.map(({ index, reason }) => ({ index, reason: means.describe(reason) }));
  return told;
}
