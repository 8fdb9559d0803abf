import { isoText } from '../event/instant';
import { serializeDraft } from '../event/draft-json';
import type { DraftedEvent } from '../event/drafter';
import { RepeatedEvent } from './repeated-event';
import { foldLine, repeatLine } from './spool/spool-line';
import type { Segment } from './spool/segment';
import type { Spool } from './spool/spool';

/** Failures with equal keys are repetitions of each other. */
export interface FailureKey {
  tenantId: string;
  action: string;
  actor: string;
  /** The address of the client; for IPv6 the network, because one client has all of its addresses. */
  network: string;
  route: string;
}

/** A failure that may be repeated. */
export interface Failure {
  key: FailureKey;
  /** Makes its event. */
  draft(): DraftedEvent;
  /** Makes the event that stands for all failures of the tenant with that action, from any client. */
  draftOfMany(): DraftedEvent;
}

/** Failures with one key are counted together for so long, in milliseconds. */
const WINDOW = 60_000;

/** The first failures of a window, up to this number, are recorded as single events. */
const SINGLE = 10;

/** Keys that have a window of their own at a time. */
const KEYS = 1_000;

/** Time between two searches for windows that have ended, in milliseconds. */
const SWEEP = 1_000;

interface Window {
  from: number;
  /** Failures that were recorded as single events. */
  single: number;
  /** The others, counted. */
  fold: SpooledFold | null;
}

/** Rate limit: records a bounded number of repeated failures, and counts the others, so that no attempt is lost. */
export class Folding {
  /** By key, oldest first. */
  private readonly windows = new Map<string, Window>();
  /** Windows for failures beyond the bound of keys, by tenant and action. */
  private readonly overflow = new Map<string, Window>();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  /** @param record records the event of a fold, which is never refused. True when the spool has it */
  constructor(
    private readonly clock: { now(): number },
    private readonly spool: Spool | null,
    private readonly record: (drafted: DraftedEvent, recorded: () => void) => boolean,
  ) {}

  /**
   * Offers a failure as a single event, or counts it: when it is repeated, or when the offer is refused.
   * @throws the errors of `offer`, and the error of an event that cannot be recorded
   */
  add(failure: Failure, offer: (drafted: DraftedEvent) => boolean): void {
    if (this.stopped) return void offer(failure.draft());
    const now = this.clock.now();
    const key = serializeKey(failure.key);
    this.endOld(this.windows, now);
    const window = this.windows.get(key);
    if (!window && this.windows.size >= KEYS) return this.countOverflow(failure, now);
    if (window && window.single >= SINGLE) return this.count(window, now, () => failure.draft());
    const drafted = failure.draft(); // before the window is opened: an invalid event must not take a key
    const opened = window ?? this.open(now);
    if (offer(drafted)) opened.single++;
    else this.count(opened, now, () => drafted);
    this.windows.set(key, opened);
  }

  /** Records the folds as counted so far. */
  flush(): void {
    for (const windows of [this.windows, this.overflow])
      for (const window of windows.values()) this.end(window);
  }

  /** Records the folds, and counts no more: a later count would not be recorded. */
  stop(): void {
    this.stopped = true;
    this.flush();
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private countOverflow(failure: Failure, now: number): void {
    this.endOld(this.overflow, now);
    const key = JSON.stringify([failure.key.tenantId, failure.key.action]);
    const window = this.overflow.get(key) ?? this.open(now);
    this.count(window, now, () => failure.draftOfMany());
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
    this.endOld(this.windows, now);
    this.endOld(this.overflow, now);
    if (this.windows.size + this.overflow.size > 0 || !this.timer) return;
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

/** JSON, because the parts may contain any separator. */
function serializeKey({ tenantId, network, action, actor, route }: FailureKey): string {
  return JSON.stringify([tenantId, network, action, actor, route]);
}

/** A fold: repeated failures as one event, whose count is in the spool, too. */
class SpooledFold {
  private readonly fold: RepeatedEvent;
  /** The segments that hold its lines, each with one unreleased line. */
  private readonly segments = new Set<Segment>();

  constructor(
    private readonly drafted: DraftedEvent,
    private readonly spool: Spool | null,
  ) {
    this.fold = RepeatedEvent.first(drafted);
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
      isRepeat ? repeatLine(this.fold.id, at) : foldLine(serializeDraft(this.drafted)),
    );
    if (!position) return;
    const { segment } = position;
    if (this.segments.has(segment)) segment.release();
    this.segments.add(segment);
  }
}
