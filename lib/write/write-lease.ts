import { newId } from '../event/id';
import type { LeaseStore } from '../store/store';
import { pause } from './backoff';

/** How long one process writes before it lets others, in milliseconds. */
const SLICE = 150;

/** How long turns are taken after processes last were in each other's way, in milliseconds. */
const CONTENDED = 2_000;

/** A turn that does not change for so long is that of a process which ended or hangs, in milliseconds. */
const STALE = 1_000;

/** A turn passes when nothing was written for so long, in milliseconds. */
const IDLE = 10;

/** Who has waited so long for a turn writes without one, in milliseconds. */
const PATIENCE = 5_000;

/** Waits between two looks at whose turn it is, in milliseconds: from the first to the sum of both, at random. */
const LOOK = { least: 10, more: 40 };

/** What a relay works with. */
export interface WriteLeaseParts {
  store: LeaseStore;
  random: () => number;
  signal: AbortSignal;
}

/**
 * Lets processes that are in each other's way write one tenant's chain in turns. It saves refused inserts, and decides
 * nothing: two that both think it is their turn are kept apart by the unique index, like those that take none.
 */
export class WriteLease {
  private contendedUntil = -Infinity;
  /** This process's turn, and when it began. */
  private held: { name: string; since: number } | null = null;
  private idle: NodeJS.Timeout | undefined;
  private releasing: Promise<void> = Promise.resolve();

  private readonly work: string;

  constructor(
    tenantId: string,
    private readonly parts: WriteLeaseParts,
  ) {
    this.work = `write:${tenantId}`;
  }

  /** Whether processes were in each other's way of late. */
  get isContended(): boolean {
    return this.held !== null || performance.now() < this.contendedUntil;
  }

  /** Another process was faster. */
  contended(): void {
    this.contendedUntil = performance.now() + CONTENDED;
  }

  /** Resolves when this process may write; true when others may have written since it last did. */
  async acquire(): Promise<boolean> {
    clearTimeout(this.idle);
    if (!this.isContended || (this.held && !this.isOver(this.held))) return false;
    try {
      this.release();
      await this.releasing;
      await this.waitForLease();
    } catch {
      // Without a turn it is slower, no less right; what is wrong with the database, the insert will tell.
    }
    return true;
  }

  /** An insert is through. The turn passes when it has lasted long enough, or nothing follows. */
  written(): void {
    if (!this.held) return;
    if (this.isOver(this.held)) this.release();
    else this.idle = setTimeout(() => this.release(), IDLE).unref();
  }

  /** Ends this process's turn, if it has one. */
  async end(): Promise<void> {
    this.release();
    await this.releasing;
  }

  private isOver({ since }: { since: number }): boolean {
    return performance.now() - since >= SLICE;
  }

  private release(): void {
    clearTimeout(this.idle);
    if (!this.held) return;
    const { name } = this.held;
    this.held = null;
    // One that cannot be passed is taken over when it has become stale.
    this.releasing = this.parts.store.releaseLease(this.work, name).catch(() => undefined);
  }

  private async waitForLease(): Promise<void> {
    const { store, random, signal } = this.parts;
    const name = newId();
    const end = performance.now() + PATIENCE;
    let seen = { turn: null as string | null, at: performance.now() };
    while (performance.now() < end) {
      const turn = await store.leaseHolder(this.work);
      if (seen.turn !== turn) seen = { turn, at: performance.now() };
      const isFree = turn === null || performance.now() - seen.at >= STALE;
      if (isFree && (await store.acquireLease(this.work, name, turn))) {
        this.held = { name, since: performance.now() };
        return;
      }
      this.contended(); // somebody else writes, too
      await pause(LOOK.least + LOOK.more * random(), signal);
    }
  }
}
