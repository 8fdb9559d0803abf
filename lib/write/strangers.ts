import { SYSTEM_TENANT } from '../vocabulary';

/** Tenants that are remembered as known; a name has 256 characters at most. */
const KNOWN = 10_000;

/** Tenants without a chain that captured requests may name, in the life of a process: by nobody in particular, and by actors. */
const ROOM = { anonymous: 100, identified: 1_000 };

/** Tenants that are looked for in a minute. */
const LOOKS = 1_000;

const MINUTE = 60_000;

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
  private looking: Promise<void> = Promise.resolve();

  /** @param exists whether a tenant has a chain */
  constructor(
    private readonly exists: (tenantId: string) => Promise<boolean>,
    private readonly now: () => number,
  ) {}

  /** The application names a tenant itself. */
  meet(tenantId: string): void {
    if (this.known.has(tenantId)) return;
    this.known.add(tenantId);
    for (const admitted of Object.values(this.admitted)) admitted.delete(tenantId);
    if (this.known.size <= KNOWN) return;
    const [, oldest] = this.known; // the first is the ledger's own
    if (oldest !== undefined) this.known.delete(oldest);
  }

  /** The tenant in whose chain a captured request is recorded: its own, or the ledger's where too many names are unknown. */
  tenantOf(tenantId: string, isIdentified: boolean): string {
    if (this.known.has(tenantId)) return tenantId;
    const kind = isIdentified ? 'identified' : 'anonymous';
    const { [kind]: admitted } = this.admitted;
    if (admitted.has(tenantId)) return tenantId;
    if (admitted.size < ROOM[kind]) {
      admitted.add(tenantId);
      return tenantId;
    }
    this.look(tenantId);
    return SYSTEM_TENANT;
  }

  /** One at a time, and none that is in a chain only because it was admitted: those are not looked for. */
  private look(tenantId: string): void {
    const now = this.now();
    if (!(Math.abs(now - this.minute) < MINUTE)) {
      this.minute = now;
      this.looked.clear();
    }
    if (this.looked.size >= LOOKS || this.looked.has(tenantId)) return;
    this.looked.add(tenantId);
    this.looking = this.looking.then(async () => {
      const isThere = await this.exists(tenantId).catch(() => false); // it is asked again in a minute
      if (isThere) this.meet(tenantId);
    });
  }
}
