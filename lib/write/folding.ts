import { isoText } from '../record/instant';
import { draftText } from '../record/draft-text';
import type { DraftedEvent } from '../record/recorder';
import { Fold } from './fold';
import { foldLine, repeatLine } from './spool/line';
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

  constructor(
    private readonly clock: { now(): number },
    private readonly spool: Spool | null,
    private readonly record: (drafted: DraftedEvent) => void,
  ) {}

  /** The event of a failure that is to be recorded by itself; null when the failure was counted. */
  admit(failure: Failure): DraftedEvent | null {
    const now = this.clock.now();
    const key = textOf(failure.key);
    this.endOld(this.windows, now);
    let window = this.windows.get(key);
    if (!window && this.windows.size >= KEYS) return this.admitToOverflow(failure, now);
    if (!window) this.windows.set(key, (window = this.open(now)));
    if (window.single++ < SINGLE) return failure.draft();
    this.count(window, now, () => failure.draft());
    return null;
  }

  /** Records what was counted so far. */
  flush(): void {
    for (const windows of [this.windows, this.overflow])
      for (const window of windows.values()) this.end(window);
  }

  stop(): void {
    this.flush();
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private admitToOverflow(failure: Failure, now: number): null {
    this.endOld(this.overflow, now);
    const key = `${failure.key.action}\0${failure.key.tenantId}`;
    const window = this.overflow.get(key) ?? this.open(now);
    this.overflow.set(key, window);
    this.count(window, now, () => failure.draftOfMany());
    return null;
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
    this.record(fold.end());
    fold.release();
  }
}

function textOf({ tenantId, network, action, actor, route }: FailureKey): string {
  return `${tenantId}\0${network}\0${action}\0${actor}\0${route}`;
}

/** A folded event whose count is in the spool as well. */
class JournaledFold {
  private readonly fold: Fold;
  /** The segments that it has lines in, each held once. */
  private readonly segments = new Set<Segment>();

  constructor(
    drafted: DraftedEvent,
    private readonly spool: Spool | null,
  ) {
    this.fold = Fold.begin(drafted);
    this.keep(() => foldLine(draftText(drafted)));
  }

  repeat(at: string): void {
    this.fold.repeat(at);
    this.keep(() => repeatLine(this.fold.id, at));
  }

  end(): DraftedEvent {
    return this.fold.end();
  }

  release(): void {
    for (const segment of this.segments) segment.release();
  }

  private keep(line: () => string): void {
    const place = this.spool?.write(line());
    if (!place) return;
    if (this.segments.has(place.segment)) place.segment.release();
    this.segments.add(place.segment);
  }
}
