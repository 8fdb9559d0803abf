import type { Reading } from '../chain/chain-check';
import { type Entry, entryHash } from '../chain/entry';
import { GENESIS, type Head } from '../chain/link';
import { sha256 } from '../crypto/node';
import { AuditError } from '../errors';
import { checkHead, MAX_AHEAD } from '../store/head-check';
import type { Store } from '../store/store';
import { quote } from '../util/quote';
import type { Preparation } from './preparation';

/** What the end of a chain is read with. */
export interface ChainEndParts {
  store: Pick<Store, 'database' | 'head' | 'isShared' | 'leaves' | 'walk'>;
  preparation: Pick<Preparation, 'once' | 'anew'>;
  /** Entries of the tenant that this process had stored are gone. Recording goes on. */
  entriesRemoved(tenantId: string, error: AuditError): void;
  /** The tenant has entries that this process has not stored. */
  found(tenantId: string): void;
  /** The newest entry was recorded with a wrong clock. */
  clockAhead(tenantId: string, error: AuditError): void;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
}

/** After so many milliseconds the end is read again, also while inserts follow one another without a pause. */
const FRESH = 50;

/** An alarm is raised when the newest entry is further in the future than this, in milliseconds. */
const CLOCK_TOLERANCE = 60_000;

/**
 * The end of a tenant's chain, where the next entry is linked. It is read before each run of inserts, through the
 * index that keeps two writers apart: the collection, its index or the entries may have been removed since the last one.
 */
export class ChainEnd {
  /** The end as it was read or written last; null while it is unknown. */
  private current: Head | null = null;
  /** What is known to be stored, and in which database. */
  private stored: { head: Head; database: unknown } | null = null;
  private readAt = -Infinity;

  constructor(
    private readonly tenantId: string,
    private readonly parts: ChainEndParts,
  ) {}

  /**
   * The newest entry, once it is sure that no other writer can fork the chain behind it.
   * @throws AuditError `HEAD_ALTERED`, `CHAIN_BLOCKED`: what was altered, or does not belong there, must be reported, not
   * extended; and what `Store.prepare` throws.
   */
  async read(): Promise<Head> {
    const begun = performance.now();
    if (this.current && begun - this.readAt < FRESH) return this.current;
    const head = await this.readChecked();
    this.readAt = begun;
    return (this.current = head);
  }

  /** The end is unknown: an insert is running or has failed, or others may have written. */
  forget(): void {
    this.current = null;
  }

  /**
   * An insert behind `head` was stored, and ends with `end`. The first entry of a chain may have made the collection, if
   * that was removed in the meantime: then nothing is known before its index is there.
   */
  async advance(head: Head, end: Head): Promise<void> {
    this.stored = { head: end, database: this.parts.store.database() };
    if (head === GENESIS) await this.parts.preparation.anew();
    this.current = end;
  }

  private async readChecked(): Promise<Head> {
    const { store, preparation } = this.parts;
    await preparation.once();
    let reading = await store.head(this.tenantId, { indexed: true });
    if (!reading) {
      await preparation.anew();
      reading = await store.head(this.tenantId);
    }
    // A new primary may not show yet what was acknowledged before its election.
    if ((reading?.seq ?? 0) < (this.storedHere()?.seq ?? 0))
      reading = await store.head(this.tenantId, { isConfirmed: true });
    return this.compare(reading ? await this.check(reading) : GENESIS);
  }

  private async check(reading: Reading): Promise<Head> {
    const stored = this.storedHere();
    const { store, now } = this.parts;
    const isNear = stored && (!store.isShared || Date.parse(stored.recordedAt) - now() <= MAX_AHEAD);
    if (isNear && isAt(reading, stored)) return stored;
    const entry = await checkHead(this.tenantId, reading, this.parts, stored ?? GENESIS);
    if (!stored) this.parts.found(this.tenantId);
    this.checkClock(entry);
    return { seq: entry.seq, hash: entry.hash, recordedAt: entry.recordedAt };
  }

  /** What this process has stored in the database that is open now. */
  private storedHere(): Head | null {
    if (this.stored?.database !== this.parts.store.database()) this.stored = null; // of another database
    return this.stored?.head ?? null;
  }

  /** Tells when the chain ends before what this process has stored. */
  private compare(head: Head): Head {
    const stored = this.storedHere();
    if (!stored || head === stored || head.seq > stored.seq) return head;
    this.stored = null;
    this.parts.entriesRemoved(this.tenantId, this.removed(stored, head));
    return head;
  }

  private removed(stored: Head, { seq }: Head): AuditError {
    const now =
      seq === 0 ? 'is empty now' : `ends with ${seq === stored.seq ? 'another' : `entry ${seq}`} now`;
    const what = `The chain of the tenant ${quote(this.tenantId)}, which had entry ${stored.seq}, ${now}`;
    const mend = 'entries were removed. Recording goes on behind what is there: run verify';
    return new AuditError('ENTRIES_REMOVED', `${what}: ${mend}.`);
  }

  private checkClock({ seq, recordedAt }: Entry): void {
    const ahead = Date.parse(recordedAt) - this.parts.now();
    if (ahead <= CLOCK_TOLERANCE) return;
    const what = `Entry ${seq} of the tenant ${quote(this.tenantId)} was recorded ${Math.round(ahead / 1000)} s in the future`;
    this.parts.clockAhead(
      this.tenantId,
      new AuditError('CLOCK_AHEAD', `${what}: compare the clocks of the machines that write.`),
    );
  }
}

/** Whether a document is the entry that was stored, as it was stored. */
function isAt({ entry }: Reading, { seq, hash }: Head): boolean {
  return entry?.seq === seq && entry.hash === hash && entryHash(entry, sha256) === hash;
}
