import { setTimeout } from '../real-timers';
import { Allowances } from '../util/allowances';
import { SYSTEM_TENANT } from '../vocabulary';

/** Tenants that are remembered as known; a name has 256 characters at most. */
const KNOWN = 10_000;

/** Tenants without a chain that captured requests may name, in the life of a process: by nobody in particular, and by actors. */
const ROOM = { anonymous: 100, identified: 1_000 };

/** How many of them at once, and a second: to begin a chain costs more than to refuse a hundred requests. */
const BEGUN = { atOnce: 20, perSecond: 1 };

/** How many tenants are looked for at once, and a second. */
const LOOKS = { atOnce: 50, perSecond: 5 };

const MINUTE = 60_000;

/** After a look it waits so many times as long as that took, so that the database is there for others. */
const REST = 3;

/**
 * Tells tenants that there are from names that a client made up, where an application takes the tenant from a host name or
 * a path: so that nobody can begin chains without bound. A tenant is known once the application itself records something in
 * its name, or when it has a chain.
 */
export class Strangers {
  private readonly known = new Set<string>([SYSTEM_TENANT]);
  /** Those that have a chain all the same. */
  private readonly admitted = { anonymous: new Set<string>(), identified: new Set<string>() };
  /** Those that were looked for in this minute. */
  private readonly looked = new Set<string>();
  private minute = -Infinity;
  private readonly begun: Allowances;
  private readonly looks: Allowances;
  private looking: Promise<void> = Promise.resolve();

  /** @param exists whether a tenant has a chain */
  constructor(
    private readonly exists: (tenantId: string) => Promise<boolean>,
    private readonly now: () => number,
    private readonly pause = (milliseconds: number): Promise<void> =>
      new Promise((resolve) => void setTimeout(resolve, milliseconds).unref()),
  ) {
    this.begun = new Allowances(BEGUN, now);
    this.looks = new Allowances(LOOKS, now);
  }

  /** The application names a tenant itself. */
  meet(tenantId: string): void {
    if (this.known.has(tenantId)) return;
    for (const admitted of Object.values(this.admitted)) admitted.delete(tenantId);
    this.remember(tenantId);
  }

  /**
   * A tenant has a chain that this process did not begin. It keeps the place that it has taken: another process may have
   * begun the chain of a name that was made up, and by turns they would begin chains without bound.
   */
  find(tenantId: string): void {
    if (!this.known.has(tenantId)) this.remember(tenantId);
  }

  private remember(tenantId: string): void {
    this.known.add(tenantId);
    if (this.known.size <= KNOWN) return;
    const [, oldest] = this.known; // the first is the ledger's own
    if (oldest !== undefined) this.known.delete(oldest);
  }

  /** Whether a tenant is no name that a client may have made up. */
  knows(tenantId: string): boolean {
    return this.known.has(tenantId);
  }

  /** The tenant in whose chain a captured request is recorded: its own, or the ledger's where too many names are unknown. */
  tenantOf(tenantId: string, isIdentified: boolean): string {
    if (this.known.has(tenantId)) return tenantId;
    const kind = isIdentified ? 'identified' : 'anonymous';
    const { [kind]: admitted } = this.admitted;
    if (admitted.has(tenantId)) return tenantId;
    if (admitted.size < ROOM[kind] && this.begun.take('') === 0) {
      admitted.add(tenantId);
      return tenantId;
    }
    this.look(tenantId);
    return SYSTEM_TENANT;
  }

  /** One at a time, and none that is in a chain only because it was admitted: those are not looked for. */
  private look(tenantId: string): void {
    this.beginMinute();
    if (this.looked.has(tenantId) || this.looks.take('') > 0) return;
    this.looked.add(tenantId);
    this.looking = this.looking.then(async () => {
      const from = performance.now();
      const isThere = await this.exists(tenantId).catch(() => false); // it is asked again in a minute
      if (isThere) this.meet(tenantId);
      await this.pause(REST * (performance.now() - from));
    });
  }

  private beginMinute(): void {
    const now = this.now();
    if (Math.abs(now - this.minute) < MINUTE) return;
    this.minute = now;
    this.looked.clear();
  }
}
