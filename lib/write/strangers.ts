import { setTimeout } from '../real-timers';
import { SYSTEM_TENANT } from '../vocabulary';

/** Tenants that are remembered as known; a name has 256 characters at most. */
const KNOWN = 10_000;

/** Tenants without a chain that captured requests may name, in the life of a process: by nobody in particular, and by actors. */
const ROOM = { anonymous: 100, identified: 1_000 };

/** How many of them in a minute: to begin a chain costs more than to refuse a hundred requests. */
const BEGUN = 100;

/** Tenants that are looked for in a minute. */
const LOOKS = 1_000;

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
  /** Those of `admitted` that were let in in this minute. */
  private begun = 0;
  private minute = -Infinity;
  private looking: Promise<void> = Promise.resolve();

  /** @param exists whether a tenant has a chain */
  constructor(
    private readonly exists: (tenantId: string) => Promise<boolean>,
    private readonly now: () => number,
    private readonly pause = (milliseconds: number): Promise<void> =>
      new Promise((resolve) => void setTimeout(resolve, milliseconds).unref()),
  ) {}

  /** The application names a tenant itself. */
  meet(tenantId: string): void {
    if (this.known.has(tenantId)) return;
    this.known.add(tenantId);
    for (const admitted of Object.values(this.admitted))
      if (admitted.delete(tenantId)) this.begun = Math.max(0, this.begun - 1);
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
    this.beginMinute();
    if (admitted.size < ROOM[kind] && this.begun < BEGUN) {
      this.begun++;
      admitted.add(tenantId);
      return tenantId;
    }
    this.look(tenantId);
    return SYSTEM_TENANT;
  }

  private beginMinute(): void {
    const now = this.now();
    if (Math.abs(now - this.minute) < MINUTE) return;
    this.minute = now;
    this.begun = 0;
    this.looked.clear();
  }

  /** One at a time, and none that is in a chain only because it was admitted: those are not looked for. */
  private look(tenantId: string): void {
    if (this.looked.size >= LOOKS || this.looked.has(tenantId)) return;
    this.looked.add(tenantId);
    this.looking = this.looking.then(async () => {
      const from = performance.now();
      const isThere = await this.exists(tenantId).catch(() => false); // it is asked again in a minute
      if (isThere) this.meet(tenantId);
      await this.pause(REST * (performance.now() - from));
    });
  }
}
