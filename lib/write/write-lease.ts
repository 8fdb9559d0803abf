import { newId } from '../event/id';
import type { LeaseStore } from '../store/store';
import { pause } from './pause';

/** A holder passes the lease on after so long, in milliseconds. */
const SLICE = 150;

/** Writers use the lease for so long after they have last met another writer, in milliseconds. */
const CONTENDED = 2_000;

/** After so many inserts without a conflict a writer looks whether another holds the lease. */
const LOOK = 50;

/** A lease that does not change for so long is taken over: its holder is dead or hangs. In milliseconds. */
const STALE = 1_000;

/** A holder that writes nothing for so long releases the lease, in milliseconds. */
const IDLE = 10;

/** A writer that has waited for so long writes without the lease, in milliseconds. */
const PATIENCE = 5_000;

/** Time between two polls of the lease, in milliseconds: `least`, and a random part of `more`. */
const POLL = { least: 10, more: 40 };

/** What a lease works with. */
export interface WriteLeaseParts {
  store: LeaseStore;
  random: () => number;
  signal: AbortSignal;
}

/**
 * A lease between the processes that write one tenant's chain. It saves refused inserts. It is not needed for
 * correctness: the unique index refuses one of two inserts that conflict, with or without a lease.
 *
 *            conflict          150 ms                   10 ms without an insert
 *               v                 v                                 v
 *   A  writes   |  holds, writes  |  polls                          |  holds, writes
 *   B  writes   |  polls          |  holds, writes                  |
 *      no lease |  A's lease      |  B's lease                      |  A's lease
 *
 * - Without a conflict in the last 2 s a writer does not use the lease: the store gets one request for it in 50 inserts.
 *   Whoever is faster each time meets no conflict. By that request it finds that another waits, and lets it write.
 * - When the lease has not changed for 1 s (dead holder), a polling process takes it over.
 * - After 5 s of polling, a process writes without the lease, until it meets another writer anew.
 */
export class WriteLease {
  private contendedUntil = -Infinity;
  /** Inserts since it was known last whether others write. */
  private inserts = 0;
  /** The lease that this process holds, and since when. */
  private held: { name: string; since: number } | null = null;
  private idle: NodeJS.Timeout | undefined;
  private releasing: Promise<void> = Promise.resolve();

  /** The name of the lease in the store. */
  private readonly work: string;

  constructor(
    tenantId: string,
    private readonly parts: WriteLeaseParts,
  ) {
    this.work = `write:${tenantId}`;
  }

  /** Whether writers use the lease now. */
  private get isContended(): boolean {
    return this.held !== null || performance.now() < this.contendedUntil;
  }

  /** Another process writes, too: it was faster, or holds the lease. */
  contended(): void {
    this.contendedUntil = performance.now() + CONTENDED;
  }

  /** Resolves when this process may write. True when others may have written since its last insert. */
  async acquire(): Promise<boolean> {
    clearTimeout(this.idle);
    if (this.held && !this.isOver(this.held)) return false;
    try {
      if (!this.isContended && !(await this.isWanted())) return false;
      this.release();
      await this.releasing;
      await this.poll();
    } catch {
      // Writing without the lease is slower, but correct. The insert reports an error of the database.
    }
    return true;
  }

  /** An insert has ended. Releases the lease when its time is over, or when no insert follows. */
  written(): void {
    if (!this.held) return;
    if (this.isOver(this.held)) this.release();
    else this.idle = setTimeout(() => this.release(), IDLE).unref();
  }

  /** Releases the lease, if this process holds it. */
  async end(): Promise<void> {
    this.release();
    await this.releasing;
  }

  /** Looks now and then whether another holds the lease: who loses each time shows itself by nothing else. */
  private async isWanted(): Promise<boolean> {
    if (++this.inserts < LOOK) return false;
    this.inserts = 0;
    return (await this.parts.store.leaseHolder(this.work)) !== null;
  }

  private isOver({ since }: { since: number }): boolean {
    return performance.now() - since >= SLICE;
  }

  private release(): void {
    clearTimeout(this.idle);
    if (!this.held) return;
    const { name } = this.held;
    this.held = null;
    // A lease that cannot be released becomes stale, and is taken over.
    this.releasing = this.parts.store.releaseLease(this.work, name).catch(() => undefined);
  }

  /** Polls until this process holds the lease, or has waited long enough. */
  private async poll(): Promise<void> {
    const { store, random, signal } = this.parts;
    const name = newId();
    const end = performance.now() + PATIENCE;
    let seen = { holder: null as string | null, at: performance.now() };
    while (performance.now() < end) {
      const holder = await store.leaseHolder(this.work);
      if (seen.holder !== holder) seen = { holder, at: performance.now() };
      const isFree = holder === null || performance.now() - seen.at >= STALE;
      if (isFree && (await store.acquireLease(this.work, name, holder))) {
        this.held = { name, since: performance.now() };
        return;
      }
      this.contended(); // another process writes, too
      await pause(POLL.least + POLL.more * random(), signal);
    }
    this.contendedUntil = -Infinity; // a lease that never comes must not cost each insert so long
  }
}
