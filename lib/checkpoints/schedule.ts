import type { Receipt } from '../chain/entry';
import { newId } from '../event/id';
import type { LeaseStore } from '../store/store';

/** When checkpoints are made without being asked for. */
export interface ScheduleOptions {
  /** A checkpoint for so many entries of a tenant. */
  everyEntries?: number | undefined;
  /** A checkpoint of each tenant that has recorded anything in so many seconds. */
  everySeconds?: number | undefined;
}

/** What a schedule works with. */
export interface ScheduleParts {
  store: LeaseStore;
  /** Entries that the newest checkpoint of a tenant covers. */
  covered: (tenantId: string) => Promise<number>;
  checkpoint: (tenantId: string) => Promise<unknown>;
  failed: (tenantId: string, error: unknown) => void;
  now: () => number;
}

/** A turn that somebody took so long ago is that of a process which ended, in milliseconds. */
const STALE = 10 * 60_000;

/** How long no checkpoint of a tenant is tried after a failure, in milliseconds: each failure is an entry of the system chain. */
const PAUSE = 60_000;

/** When to look again whether another process is done, in milliseconds. */
const AGAIN = 1_000;

/** Makes checkpoints in time. One process at a time makes one tenant's; if two do, they state the same. */
export class Schedule {
  /** The newest entry of each tenant that no checkpoint is known to cover, and what was covered then. */
  private readonly open = new Map<string, { seq: number; covered: number }>();
  /** What is to be done, and for how many entries it is worth it. */
  private readonly due = new Map<string, number>();
  /** Tenants of which no checkpoint could be made, and when the next try is allowed. */
  private readonly paused = new Map<string, number>();
  private readonly timer: NodeJS.Timeout | null;
  private readonly retries = new Set<NodeJS.Timeout>();
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly options: ScheduleOptions,
    private readonly parts: ScheduleParts,
  ) {
    const { everySeconds } = options;
    this.timer =
      everySeconds === undefined ? null : setInterval(() => this.enqueueAll(), everySeconds * 1000).unref();
  }

  /** An entry of this process is durable. */
  recorded({ tenantId, seq }: Receipt): void {
    const { everyEntries, everySeconds } = this.options;
    if (this.stopped || (everyEntries === undefined && everySeconds === undefined)) return;
    const open = this.open.get(tenantId) ?? { seq, covered: seq - 1 };
    open.seq = Math.max(open.seq, seq);
    this.open.set(tenantId, open);
    if (everyEntries !== undefined && open.seq - open.covered >= everyEntries)
      this.enqueue(tenantId, everyEntries);
  }

  /** Makes no more, and waits for the one that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    this.retries.forEach(clearTimeout);
    await this.running;
  }

  private enqueueAll(): void {
    for (const tenantId of this.open.keys()) this.enqueue(tenantId, 1);
  }

  private enqueue(tenantId: string, entries: number): void {
    if (this.stopped || this.parts.now() < (this.paused.get(tenantId) ?? 0)) return;
    this.paused.delete(tenantId);
    this.due.set(tenantId, Math.min(entries, this.due.get(tenantId) ?? entries));
    this.running ??= this.work();
  }

  private async work(): Promise<void> {
    for (const [tenantId, entries] of this.due) {
      if (this.stopped) break;
      this.due.delete(tenantId);
      try {
        await this.issueInTurn(tenantId, entries);
      } catch (error) {
        this.paused.set(tenantId, this.parts.now() + PAUSE);
        this.parts.failed(tenantId, error);
      }
    }
    this.running = null; // at once: what is added from now on needs somebody to do it
  }

  /** Makes a checkpoint, unless another process has, or does. */
  private async issueInTurn(tenantId: string, entries: number): Promise<void> {
    const { store, now } = this.parts;
    const work = `checkpoint:${tenantId}`;
    const seen = await store.leaseHolder(work);
    const name = `${now()} ${newId()}`;
    if (!isStale(seen, now()) || !(await store.acquireLease(work, name, seen))) {
      this.retryLater(tenantId, entries);
      return;
    }
    try {
      await this.issueIfDue(tenantId, entries);
    } finally {
      await store.releaseLease(work, name);
    }
  }

  /** The other process may have begun before the newest entries were there. */
  private retryLater(tenantId: string, entries: number): void {
    const timer = setTimeout(() => {
      this.retries.delete(timer);
      this.enqueue(tenantId, entries);
    }, AGAIN).unref();
    this.retries.add(timer);
  }

  private async issueIfDue(tenantId: string, entries: number): Promise<void> {
    const { covered, checkpoint } = this.parts;
    const open = this.open.get(tenantId);
    if (!open) return;
    open.covered = await covered(tenantId);
    if (open.seq - open.covered >= entries) {
      const { seq } = open;
      await checkpoint(tenantId);
      open.covered = seq;
    }
    if (open.seq <= open.covered) this.open.delete(tenantId);
  }
}

/** Whether nobody has a turn any more. One from the future, or of no time at all, is nobody's: it would never end. */
function isStale(seen: unknown, now: number): boolean {
  const since = typeof seen === 'string' ? Number(seen.split(' ')[0]) : NaN;
  return !(Math.abs(now - since) < STALE);
}
