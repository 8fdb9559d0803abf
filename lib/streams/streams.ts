import { isDate } from '../event/builtin';
import { newId } from '../event/id';
import { isoText, isPrintable, parseInstant } from '../event/instant';
import { isTenantId, TENANT_ID_RULE } from '../event/tenant-id';
import { Complaints, isObject } from '../util/complaints';
import { SYSTEM_TENANT } from '../vocabulary';
import type { Store } from '../store/store';
import type { ChainPlace, StreamRow } from '../store/stream-store';
import type { Delivery } from './destination';
import { write } from './piece';
import { readProgress } from './progress';
import type { Stream } from './stream';
import type { StreamService, StreamState } from './stream-service';
import { parseStream, readDescription, type StreamDescription, type StreamOptions } from './stream-options';

/** How a stream goes. Times are ISO 8601, in UTC. */
export interface StreamStatus extends StreamDescription {
  name: string;
  state: 'delivering' | 'failing' | 'paused';
  /** Whether this process delivers it. */
  isHere: boolean;
  /** Entries that are recorded and not delivered, as far as is known, and how old the oldest of them is that is under way. */
  lag: { entries: number; seconds: number };
  /** Entries that the destination has taken. */
  delivered: number;
  lastSuccess: string | null;
  lastError: { reason: string; at: string } | null;
  /** Entries that were refused, and wait to be delivered again. */
  setAside: number;
}

/** An entry that was set aside. */
export interface SetAsideEntry {
  tenantId: string;
  seq: number;
  id: string;
  reason: string;
  at: string;
}

/** From where a stream is delivered again. */
export interface ReplayOptions {
  /** A number of the chain, or an instant: entries recorded from then on. */
  from: number | Date | string;
  /** Whose entries; those of all tenants of the stream when left out. */
  tenantId?: string | undefined;
}

/** Entries that are read at a time. */
const PORTION = 100;

/** The streams of a ledger, for those who watch and change them while it runs. What is done here is an entry of the chain `system`. */
export class Streams {
  readonly #service: StreamService;
  readonly #store: Store;

  /** Use `audit.streams`. */
  constructor(service: StreamService, store: Store) {
    this.#service = service;
    this.#store = store;
  }

  /**
   * Delivers, in a process whose ledger does nothing else.
   * @internal
   */
  run(): void {
    this.#service.start();
  }

  /**
   * Adds a stream, or changes the one of its name. It begins where it was, if it was there before.
   * @throws AuditError `INVALID_OPTIONS`.
   */
  async add(options: StreamOptions): Promise<void> {
    await this.#service.add(parseStream(options));
  }

  /**
   * Ends a stream in all processes, and forgets how far it is.
   * @throws AuditError `UNKNOWN_STREAM`.
   */
  async remove(name: string): Promise<void> {
    await this.#service.remove(name);
  }

  /**
   * Stops a stream in all processes within a second or two, until it is resumed.
   * @throws AuditError `UNKNOWN_STREAM`.
   */
  async pause(name: string): Promise<void> {
    await this.#service.setPaused(name, true);
  }

  /** @throws AuditError `UNKNOWN_STREAM`. */
  async resume(name: string): Promise<void> {
    await this.#service.setPaused(name, false);
  }

  /**
   * Delivers an event that is in no chain (`seq` 0, action `ledger.stream_test`), now, and says what became of it.
   * @throws AuditError `UNKNOWN_STREAM` for a stream that this process does not know.
   */
  async test(name: string): Promise<{ ok: boolean; reason: string | null }> {
    const stream = this.#service.known(name);
    const at = isoText(Date.now());
    const zeros = '0'.repeat(64);
    const tenantId = stream.tenants?.[0] ?? SYSTEM_TENANT;
    const entry = {
      v: 1 as const,
      tenantId,
      id: newId(),
      seq: 0,
      occurredAt: at,
      recordedAt: at,
      actor: 'express-audit-ledger',
      actorType: 'system' as const,
      action: 'ledger.stream_test',
      outcome: 'success' as const,
      prevHash: zeros,
      hash: zeros,
    };
    const reading = { documentId: null, seq: 0, hash: zeros, entry, fault: null };
    const written = write(reading, tenantId, { ...stream.writing, filter: {} });
    if (!written || 'aside' in written) return { ok: false, reason: written?.aside.reason ?? null };
    const delivery = await stream.deliver([written.piece], false);
    if (delivery.result !== 'taken') return { ok: false, reason: delivery.reason };
    const refused = delivery.refused?.[0]?.reason ?? null;
    return { ok: refused === null, reason: refused };
  }

  /**
   * Delivers entries again, or passes some over: whoever delivers goes on from the place that is named.
   * @throws AuditError `INVALID_OPTIONS`, `UNKNOWN_STREAM`.
   */
  async replay(name: string, options: ReplayOptions): Promise<void> {
    const { from, tenantId } = assertReplay(options);
    const place =
      typeof from === 'number'
        ? () => Promise.resolve(from)
        : (whose: string) => this.#store.firstSince(whose, from.getTime());
    const told = { from: typeof from === 'number' ? from : from.toISOString() };
    await this.#service.replay(name, tenantId, place, {
      ...told,
      ...(tenantId !== undefined && { tenantId }),
    });
  }

  /** All streams that any process has made known, or those of one owner, by name, and how they go. */
  async status({ owner }: { owner?: string | undefined } = {}): Promise<StreamStatus[]> {
    const isWanted = (row: StreamRow) =>
      owner === undefined || readDescription(row.description).owner === owner;
    return (await this.#service.all(isWanted)).map(toStatus);
  }

  /** Entries that were set aside, by tenant and number: those behind a place, at most 1,000. */
  async setAside(
    name: string,
    { limit = 100, behind }: { limit?: number; behind?: ChainPlace } = {},
  ): Promise<SetAsideEntry[]> {
    const found = await this.#store.readSetAside(name, Math.min(limit, 1_000), behind);
    return found.map(({ at, ...entry }) => ({ ...entry, at: isoText(at) }));
  }

  /**
   * Delivers what was set aside once more, each entry by itself. What is taken is set aside no longer. It ends where the
   * destination is away or takes nothing, for a `reason`: the others wait.
   * @throws AuditError `UNKNOWN_STREAM` for a stream that this process does not know.
   */
  async redeliver(name: string): Promise<{ taken: number; refused: number; reason?: string }> {
    const stream = this.#service.known(name);
    const count = { taken: 0, refused: 0 };
    let behind: ChainPlace | undefined;
    for (;;) {
      const portion = await this.#store.readSetAside(name, PORTION, behind);
      for (const { tenantId, seq } of portion) {
        const delivery = await this.#redeliverOne(stream, { tenantId, seq });
        if (delivery.result === 'retry' || delivery.result === 'stop')
          return { ...count, reason: delivery.reason };
        const isTaken = delivery.result === 'taken' && (delivery.refused ?? []).length === 0;
        if (isTaken) await this.#store.removeSetAside(stream.name, [{ tenantId, seq }]);
        count[isTaken ? 'taken' : 'refused']++;
        behind = { tenantId, seq };
      }
      if (portion.length < PORTION) return count;
    }
  }

  async #redeliverOne(stream: Stream, { tenantId, seq }: ChainPlace): Promise<Delivery> {
    const range = { min: seq, max: seq };
    const [reading] = await this.#store.page({ tenantId, order: 'asc', limit: 1, seq: range });
    // Whoever holds the database may have set it aside in another tenant's name.
    const isTheirs = stream.tenants?.includes(tenantId) ?? true;
    const written = reading && isTheirs && write({ ...reading, seq }, tenantId, stream.writing);
    if (!written || 'aside' in written) return { result: 'split', reason: 'it cannot be written' };
    return stream.deliver([written.piece], false);
  }
}

function toStatus({ row, stream, setAside }: StreamState): StreamStatus {
  const isHere = stream?.isDelivering === true;
  const progress = isHere ? stream.measured() : readProgress(row.progress);
  const { lastError, lastSuccess, failingSince, lag, delivered } = progress;
  return {
    ...readDescription(row.description),
    name: row.name,
    state: row.isPaused ? 'paused' : failingSince === null ? 'delivering' : 'failing',
    isHere,
    lag,
    delivered,
    lastSuccess: lastSuccess === null ? null : isoText(lastSuccess),
    lastError: lastError && { ...lastError, at: isoText(lastError.at) },
    setAside,
  };
}

function assertReplay(options: unknown): { from: number | Date; tenantId: string | undefined } {
  const complaints = new Complaints();
  const given = isObject(options) ? options : {};
  complaints.unknownFields(given, ['from', 'tenantId']);
  const { from, tenantId } = given;
  if (tenantId !== undefined && !isTenantId(tenantId)) complaints.add('tenantId', TENANT_ID_RULE, tenantId);
  const time = isDate(from) ? from.getTime() : typeof from === 'string' ? parseInstant(from) : null;
  const isNumber = Number.isSafeInteger(from) && Number(from) >= 1;
  if (!isNumber && (time === null || !isPrintable(time)))
    complaints.add('from', 'a number of the chain from 1, a Date or an RFC 3339 date-time', from);
  complaints.assertNone('INVALID_OPTIONS', 'The stream cannot be replayed');
  return {
    from: isNumber ? Number(from) : new Date(time as number),
    tenantId: tenantId as string | undefined,
  };
}
