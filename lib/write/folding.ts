import { isoText } from '../event/instant';
import { serializeDraft } from '../event/draft-json';
import type { DraftedEvent } from '../event/drafter';
import { sha256 } from '../crypto/node';
import { clearInterval, setInterval } from '../real-timers';
import { Allowances } from '../util/allowances';
import { SYSTEM_TENANT } from '../vocabulary';
import { RepeatedEvent } from './repeated-event';
import { foldLine, repeatLine } from './spool/spool-line';
import type { Segment } from './spool/segment';
import type { Spool } from './spool/spool';

/** Events with equal keys are repetitions of each other. */
export interface RepetitionKey {
  tenantId: string;
  action: string;
  /** Empty for nobody. */
  actor: string;
  /** The address of the client; for IPv6 the network, because one client has all of its addresses. */
  network: string;
  /** The pattern of the route; empty when none matched. A client can make up paths without end, but no patterns. */
  route: string;
  /** What was reached, such as the path of an export, redacted. Left out for what was refused: there the route counts. */
  resource?: string | undefined;
}

/** An event that a client can have recorded as often as it likes: a refused request, an export. */
export interface Repeatable {
  key: RepetitionKey;
  /**
   * Whose share of the entries it takes, where outsiders choose how many there are; those of others are not less for it.
   * Left out for what only the application and its users cause.
   */
  share?: string | undefined;
  /** Makes its event. */
  draft(): DraftedEvent;
  /** Makes the event that stands for all of a tenant with that action, from any client. */
  draftOfMany(tenantId: string): DraftedEvent;
}

/** Events with one key are counted together for so long, in milliseconds. */
const WINDOW = 60_000;

/** The first events of a window, up to this number, are recorded as they are. */
const SINGLE = 10;

/**
 * Keys that have a window of their own at a time: so many with a resource, and so many without. Of those beyond, so many
 * tenants' actions; what is beyond these, too, the ledger's own chain counts.
 */
const KEYS = 1_000;

/** Entries of one share: so many at once, and beyond that so many a second. */
export const PACE = { atOnce: 50, perSecond: 2 };

/** Time between two searches for windows that have ended, in milliseconds. */
const SWEEP = 1_000;

interface Window {
  from: number;
  /** Events that were recorded as they are. */
  single: number;
  /** The others, counted. */
  fold: SpooledFold | null;
}

/**
 * Rate limit on what clients choose to repeat: records a bounded number of single events, and counts the others, so that
 * none is lost. A key costs the same memory whatever its texts are.
 */
export class Folding {
  /** By key, oldest first. */
  private readonly windows = new Map<string, Window>();
  /** The same for keys with a resource: a flood of refused requests must not hide who exported what, or be hidden so. */
  private readonly windowsOfResources = new Map<string, Window>();
  /** Windows for events beyond the bound of keys, by tenant and action. */
  private readonly overflow = new Map<string, Window>();
  private readonly shares: Allowances;
  private readonly all = [this.windows, this.windowsOfResources, this.overflow];
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  /** @param record records the event of a fold, which is never refused. True when the spool has it */
  constructor(
    private readonly clock: { now(): number },
    private readonly spool: Spool | null,
    private readonly record: (drafted: DraftedEvent, recorded: () => void) => boolean,
  ) {
    this.shares = new Allowances(PACE, () => clock.now());
  }

  /**
   * Offers an event as a single one, or counts it: when it is repeated, when its share is used, or when the offer is
   * refused. What is only counted costs little: its event is not made.
   * @throws the errors of `offer`, and the error of an event that cannot be recorded
   */
  add(event: Repeatable, offer: (drafted: DraftedEvent) => boolean): void {
    if (this.stopped) return void offer(event.draft());
    const now = this.clock.now();
    const windows = event.key.resource ? this.windowsOfResources : this.windows;
    this.endOld(windows, now);
    const key = digestKey(event.key);
    const window = windows.get(key);
    const isFull = window ? window.single >= SINGLE : windows.size >= KEYS;
    if (isFull || !this.takeShare(event))
      return window ? this.count(window, now, () => event.draft()) : this.countOverflow(event, now);
    const drafted = event.draft(); // before the window is opened: an invalid event must not take a key
    const opened = window ?? this.open(now);
    if (offer(drafted)) opened.single++;
    else this.count(opened, now, () => drafted);
    windows.set(key, opened);
  }

  /** Records the folds as counted so far. */
  flush(): void {
    for (const windows of this.all) for (const window of windows.values()) this.end(window);
  }

  /** Lets go of all that was told apart and counted, without a record of it. */
  forget(): void {
    for (const windows of this.all) windows.clear();
  }

  /** Records the folds, and counts no more: a later count would not be recorded. */
  stop(): void {
    this.stopped = true;
    this.flush();
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private takeShare({ share }: Repeatable): boolean {
    return share === undefined || this.shares.take(share) === 0;
  }

  private countOverflow(event: Repeatable, now: number): void {
    this.endOld(this.overflow, now);
    const { tenantId: own, action } = event.key;
    const ofOwn = JSON.stringify([own, action]); // which are short: none is longer than a name may be
    const isFull = this.overflow.size >= KEYS && !this.overflow.has(ofOwn);
    const tenantId = isFull ? SYSTEM_TENANT : own;
    const key = isFull ? JSON.stringify([tenantId, action]) : ofOwn;
    const window = this.overflow.get(key) ?? this.open(now);
    this.count(window, now, () => event.draftOfMany(tenantId));
    this.overflow.set(key, window);
  }

  private count(window: Window, now: number, draft: () => DraftedEvent): void {
    if (window.fold) window.fold.repeat(isoText(now));
    else window.fold = new SpooledFold(draft(), this.spool);
  }

  private open(now: number): Window {
    this.timer ??= setInterval(() => this.sweep(), SWEEP).unref();
    return { from: now, single: 0, fold: null };
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const windows of this.all) this.endOld(windows, now);
    if (this.all.some(({ size }) => size > 0) || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }

  /** Ends the windows that are over, oldest first. */
  private endOld(windows: Map<string, Window>, now: number): void {
    for (const [key, window] of windows) {
      const age = now - window.from;
      if (age >= 0 && age < WINDOW) return; // a clock that was set back ends a window, too
      windows.delete(key);
      this.end(window);
    }
  }

  private end(window: Window): void {
    const { fold } = window;
    if (!fold) return;
    window.fold = null;
    if (this.record(fold.end(), () => fold.release())) fold.release();
  }
}

/** Of JSON, because the texts may contain any separator; a digest, because clients choose how long they are. */
function digestKey({ tenantId, network, action, actor, route, resource = '' }: RepetitionKey): string {
  return sha256(JSON.stringify([tenantId, network, action, actor, route, resource]));
}

/** A fold: repeated events as one, whose count is in the spool, too. */
class SpooledFold {
  private readonly fold: RepeatedEvent;
  /** The segments that hold its lines, each with one unreleased line. */
  private readonly segments = new Set<Segment>();

  constructor(
    first: DraftedEvent,
    private readonly spool: Spool | null,
  ) {
    this.fold = RepeatedEvent.first(first);
    this.writeLine();
  }

  repeat(at: string): void {
    this.fold.repeat(at);
    this.writeLine(at);
  }

  end(): DraftedEvent {
    return this.fold.end();
  }

  /** Releases its lines. */
  release(): void {
    for (const segment of this.segments) segment.release();
    this.segments.clear();
  }

  /** Writes a repetition to the spool; or the first event, if it is not there: the disk may have refused it. */
  private writeLine(at?: string): void {
    if (!this.spool) return;
    const isRepeat = at !== undefined && this.segments.size > 0;
    const position = this.spool.write(
      isRepeat ? repeatLine(this.fold.id, at) : foldLine(serializeDraft(this.fold.first)),
    );
    if (!position) return;
    const { segment } = position;
    if (this.segments.has(segment)) segment.release();
    this.segments.add(segment);
  }
}
