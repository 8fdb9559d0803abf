import { isoText } from '../event/instant';
import { serializeDraft } from '../event/draft-json';
import type { DraftedEvent } from '../event/drafter';
import { RepeatedEvent } from './repeated-event';
import { foldLine, repeatLine } from './spool/spool-line';
import type { Segment } from './spool/segment';
import type { Spool } from './spool/spool';

/** What makes failures repetitions of each other. */
export interface FailureKey {
  tenantId: string;
  action: string;
  actor: string;
  /** Where it came from; of an IPv6 address its network, since one caller has all addresses of it. */
  network: string;
  route: string;
}

/** A failure that may be one of many. */
export interface Failure {
  key: FailureKey;
  /** Gives the event. */
  draft(): DraftedEvent;
  /** Gives the event that stands for failures of the tenant with that action, whoever they come from. */
  draftOfMany(): DraftedEvent;
}

/** How long failures with one key are counted together, in milliseconds. */
const WINDOW = 60_000;

/** So many failures with one key in one window are events of their own. */
const SINGLE = 10;

/** Keys that are told apart at a time. */
const KEYS = 1_000;

/** How often windows that have ended are looked for, in milliseconds. */
const SWEEP = 1_000;

interface Window {
  from: number;
  single: number;
  fold: JournaledFold | null;
}

/** Counts repeated failures, so that nobody can flood a ledger and yet no attempt goes uncounted. */
export class Folding {
  /** By key, and in the order in which they began. */
  private readonly windows = new Map<string, Window>();
  /** What comes beyond the bound of keys, by tenant and action. */
  private readonly overflow = new Map<string, Window>();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  /** @param record takes an event that counts, and is never refused. True when the spool has it */
  constructor(
    private readonly clock: { now(): number },
    private readonly spool: Spool | null,
    private readonly record: (drafted: DraftedEvent, recorded: () => void) => boolean,
  ) {}

  /**
   * Offers a failure as an event of its own, or counts it: where it is one of many, and where the offer is refused.
   * @throws what `offer` throws, and the error of an event that cannot be recorded
   */
  add(failure: Failure, offer: (drafted: DraftedEvent) => boolean): void {
    if (this.stopped) return void offer(failure.draft());
    const now = this.clock.now();
    const key = serializeKey(failure.key);
    this.endOld(this.windows, now);
    const window = this.windows.get(key);
    if (!window && this.windows.size >= KEYS) return this.admitBeyond(failure, now);
    if (window && window.single >= SINGLE) return this.count(window, now, () => failure.draft());
    const drafted = failure.draft(); // before the window is opened: what cannot be recorded takes no key
    const opened = window ?? this.open(now);
    if (offer(drafted)) opened.single++;
    else this.count(opened, now, () => drafted);
    this.windows.set(key, opened);
  }

  /** Records what was counted so far. */
  flush(): void {
    for (const windows of [this.windows, this.overflow])
      for (const window of windows.values()) this.end(window);
  }

  /** Records what was counted. Nothing is counted any more: nobody would learn of it. */
  stop(): void {
    this.stopped = true;
    this.flush();
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private admitBeyond(failure: Failure, now: number): void {
    this.endOld(this.overflow, now);
    const key = JSON.stringify([failure.key.tenantId, failure.key.action]);
    const window = this.overflow.get(key) ?? this.open(now);
    this.count(window, now, () => failure.draftOfMany());
    this.overflow.set(key, window);
  }

  private count(window: Window, now: number, draft: () => DraftedEvent): void {
    if (window.fold) window.fold.repeat(isoText(now));
    else window.fold = new JournaledFold(draft(), this.spool);
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

  /** Windows that began first end first. */
  private endOld(windows: Map<string, Window>, now: number): void {
    for (const [key, window] of windows) {
      const age = now - window.from;
      if (age >= 0 && age < WINDOW) return; // a clock that was put back ends a window, too
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

/** Names may hold any character, so no separator would tell them apart. */
function serializeKey({ tenantId, network, action, actor, route }: FailureKey): string {
  return JSON.stringify([tenantId, network, action, actor, route]);
}

/** A folded event whose count is in the spool as well. */
class JournaledFold {
  private readonly fold: RepeatedEvent;
  /** The segments that it has lines in, each held once. */
  private readonly segments = new Set<Segment>();

  constructor(
    private readonly drafted: DraftedEvent,
    private readonly spool: Spool | null,
  ) {
    this.fold = RepeatedEvent.first(drafted);
    this.keep();
  }

  repeat(at: string): void {
    this.fold.repeat(at);
    this.keep(at);
  }

  end(): DraftedEvent {
    return this.fold.end();
  }

  /** Its lines are not needed any more. */
  release(): void {
    for (const segment of this.segments) segment.release();
    this.segments.clear();
  }

  /** Writes one more of the events down. A repetition says nothing without the beginning, which the disk may have refused. */
  private keep(at?: string): void {
    if (!this.spool) return;
    const begun = at !== undefined && this.segments.size > 0;
    const place = this.spool.write(
      begun ? repeatLine(this.fold.id, at) : foldLine(serializeDraft(this.drafted)),
    );
    if (!place) return;
    if (this.segments.has(place.segment)) place.segment.release();
    this.segments.add(place.segment);
  }
}
