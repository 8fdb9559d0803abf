import { newId } from '../event/id';
import type { LeaseStore } from '../store/store';

/** A lease that does not change for so many ticks is taken over: its holder is dead or hangs. */
const STALE = 4;

/** Who has not renewed its lease for so many ticks delivers nothing: another may soon think that it is dead. */
const SAFE = 2.5;

/** How often leases are renewed and looked at, in milliseconds. */
export const TICK = 1_000;

/**
 * Whose turn it is to deliver. The holder renews its lease at each tick, once a second; the others look at each tick
 * whether it changes. No two clocks are compared.
 *
 *            killed                 4 s without a change
 *               v                             v
 *   A  renews   |
 *   B  looks                                  |  renews, delivers
 */
export class Turn {
  private held: { name: string; at: number } | null = null;
  private seen: { holder: string | null; at: number } = { holder: null, at: 0 };

  constructor(
    private readonly work: string,
    private readonly store: LeaseStore,
    private readonly elapsed: () => number = () => performance.now(),
    private readonly pace = TICK,
  ) {}

  /** Whether this process may deliver now. */
  get isHeld(): boolean {
    return this.held !== null && this.elapsed() - this.held.at < SAFE * this.pace;
  }

  /** Renews the lease, or takes it where nobody does. Gives whether this process has it. */
  async tick(): Promise<boolean> {
    if (this.held) return this.renew(this.held.name);
    const holder = await this.store.leaseHolder(this.work);
    const now = this.elapsed();
    if (this.seen.holder !== holder) this.seen = { holder, at: now };
    return (holder === null || now - this.seen.at >= STALE * this.pace) && this.renew(holder);
  }

  /** Gives the lease back, so that another need not wait. */
  async release(): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held) await this.store.releaseLease(this.work, held.name);
  }

  /** The time counts from before the request: that is when others may have begun to wait. */
  private async renew(seen: string | null): Promise<boolean> {
    const [name, at] = [newId(), this.elapsed()];
    const isOurs = await this.store.acquireLease(this.work, name, seen);
    this.held = isOurs ? { name, at } : null;
    return isOurs;
  }
}
