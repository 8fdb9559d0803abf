import type { Reading } from '../chain/chain-check';
import type { Entry } from '../chain/entry';
import type { KeyStore } from './key-store';
import type { StreamStore } from './stream-store';
import type { TreeStore } from './tree-store';
import type { Outcome } from '../vocabulary';

/** An action, or with `prefix` all actions whose names begin so; the empty prefix is no filter. */
export interface ActionFilter {
  name: string;
  prefix: boolean;
}

/** Which entries a query is about. A list means any of its values; an empty one, none. */
export interface EntryFilter {
  actor?: string | readonly string[];
  action?: ActionFilter | readonly ActionFilter[];
  resource?: string | readonly string[];
  outcome?: Outcome | readonly Outcome[];
}

/** A closed range of `seq`. */
export interface SeqRange {
  min: number;
  max: number;
}

/** Work that ends when nobody waits for it any more: no command is begun behind an abort, and what is open is closed. */
interface Abortable {
  signal?: AbortSignal | undefined;
}

/** Which entries of a tenant a page holds. `seq` bounds come from dates and cursors. */
export interface PageQuery extends EntryFilter, Abortable {
  tenantId: string;
  order: 'asc' | 'desc';
  limit: number;
  seq: SeqRange;
}

/** Which entries of a tenant are walked over: all documents, or those with `seq` in a range that a filter lets through. */
export interface WalkQuery extends EntryFilter, Abortable {
  tenantId: string;
  seq?: SeqRange;
}

/** Which entries of a tenant are counted. */
export interface CountQuery extends EntryFilter, Abortable {
  tenantId: string;
}

/**
 * Where entries are kept. All reads are from the primary with read concern `majority`: a failover undoes nothing of what
 * they give, and whoever has written sees it. Documents are read strictly, never converted: a `Reading` says what is wrong with one.
 * Errors of the database reach the caller as they are, but for `AppendConflict`.
 */
export interface Store extends OutboxStore, LeaseStore, TreeStore, KeyStore, StreamStore {
  /** Whether others can write to it: then no clock that was wrong is believed, not even that of this process. */
  readonly isShared: boolean;
  /** Calls once, when the database has been reached for the first time. */
  whenOpen(call: () => void): void;
  /**
   * The database as the application has opened it, by identity: another one after it was closed and opened anew, for what
   * was known before says nothing of what is there now. An outage changes nothing.
   */
  database(): unknown;
  /**
   * Makes sure that the indexes exist, and the outbox. True when the unique index was not there, and was made: until then
   * nothing has kept two writers apart.
   * @throws AuditError `STORE_UNAVAILABLE` where that index neither exists nor can be made, `FOREIGN_COLLECTION` where what
   * is there is not the ledger's.
   */
  prepare(): Promise<boolean>;
  /**
   * The entry with the highest `seq`. `indexed` reads in the unique index: null also when that is missing, so that an
   * entry is proof that nobody can fork the chain behind it. `isConfirmed` waits until the primary shows all that was
   * acknowledged before the call, by whichever primary; later reads show it too.
   */
  head(tenantId: string, options?: { indexed?: boolean; isConfirmed?: boolean }): Promise<Reading | null>;
  /**
   * Stores entries in order, durable with `w: majority`, and stops at the first that is refused.
   * @throws AppendConflict when another writer was faster, or one of the ids is there already. Some may be in.
   * @throws AppendRefusal when the database does not take one of the entries. Some may be in.
   * @throws AuditError `FOREIGN_COLLECTION` when a unique index that is not the ledger's refuses them.
   */
  append(entries: readonly Entry[]): Promise<void>;
  /** The entries with these ids. */
  find(tenantId: string, ids: readonly string[]): Promise<Reading[]>;
  /** One page, in the order of `seq`. */
  page(query: PageQuery): Promise<Reading[]>;
  /** The lowest `seq` recorded at or after `time` (milliseconds since 1970); null when there is none. */
  firstSince(tenantId: string, time: number): Promise<number | null>;
  /** The first names of a tenant's actions that begin with a prefix, in the order of their UTF-8 bytes; texts alone. */
  actionNames(tenantId: string, prefix: string, limit: number): Promise<string[]>;
  /** How many entries a filter lets through in each range, counted up to `limit`. */
  counts(query: CountQuery, ranges: readonly SeqRange[], limit: number): Promise<number[]>;
  /** Documents of a tenant in the order of `seq`, in portions, in constant memory. */
  walk(query: WalkQuery): AsyncIterable<Iterable<Reading>>;
  /** The first documents whose `_id` is of a tenant, though they are not among its own. */
  strangers(tenantId: string, limit: number): Promise<Reading[]>;
  /** Documents of a tenant with the highest `seq` first, but for the first `skip`: what has no number stands before all. */
  newest(tenantId: string, limit: number, skip: number): Promise<PlacedReading[]>;
  /**
   * Copies documents, byte for byte, under `name` beside the chain's collection.
   * @returns the SHA-256 of each, in hex
   * @throws AuditError `STORE_UNAVAILABLE` where the database role may not remove them afterwards.
   */
  keepAside(name: string, keys: readonly unknown[]): Promise<string[]>;
  /** Takes documents out of the chain's collection. */
  removeEntries(keys: readonly unknown[]): Promise<void>;
}

/** A reading, and what tells its document from all others. */
export interface PlacedReading {
  reading: Reading;
  /** The `_id`, of whatever type. */
  key: unknown;
}

/** A Mongoose session, or a driver's. */
export interface Session {
  inTransaction(): boolean;
}

/** An event that waits in the outbox. */
export interface OutboxItem {
  key: string;
  /** When it was written, by its writer's clock, in milliseconds since 1970. */
  at: number;
  text: string;
  /** Names the document whose change it is, the same for all events of that document. */
  subject?: string;
  /** The keys of the items of the same subject that were committed before: they are linked first. */
  follows?: readonly string[];
}

/** An item as it is stored. */
export interface StoredItem extends OutboxItem {
  /** What tells its document from all others where that is no text: no ledger has written it. */
  id?: unknown;
}

/** An item of a subject, as a transaction sees it. */
export interface SubjectItem extends StoredItem {
  subject: string;
  /** Whether the transaction itself has written it. */
  isOwn: boolean;
}

/** An item that a transaction writes, perhaps in place of its own with the same key; or takes back, where it has no `text`. */
export type OutboxWrite = (OutboxItem & { isReplacement: boolean }) | { key: string; text: null };

/** Where events wait that were written in their callers' transactions. */
export interface OutboxStore {
  /** Whether the database is connected, as far as is known. */
  isOpen(): boolean;
  /** How many connections the application has at most, as far as is known. */
  poolSize(): number;
  /** Whether the application has closed the database, or never opened it: nothing is stored until it does. An outage is no such thing. */
  isClosed(): boolean;
  /** The session of the transaction that surrounds the caller, if the database's library tells. */
  ambientSession(): Session | undefined;
  /**
   * Writes items in the transaction that the session is in at the call, and in no later one.
   * @param ready what to wait for first
   * @param committed called once the transaction is; when there is none, once they are written
   * @throws AuditError `INVALID_OPTIONS` when the transaction has ended meanwhile.
   */
  addToOutbox(
    items: readonly OutboxItem[],
    session: Session,
    ready: Promise<void>,
    committed: () => void,
  ): Promise<void>;
  /** Whether a session is of the database's own client: no other can take part in its transactions. */
  isOwnSession(session: Session): boolean;
  /** The items of subjects that the session's transaction sees: committed before it began, or its own. */
  readSubjects(subjects: readonly string[], session: Session): Promise<SubjectItem[]>;
  /**
   * Writes and takes back items of subjects in the transaction that the session is in.
   * @param committed called once that is committed, with the keys of those that it has left. Of very many items in one
   * transaction not all are told: a sweep finds them.
   */
  writeToOutbox(
    writes: readonly OutboxWrite[],
    session: Session,
    committed: (keys: readonly string[]) => void,
  ): Promise<void>;
  /** Those of the subjects that have items which are committed and not linked yet. */
  waitingSubjects(subjects: readonly string[]): Promise<string[]>;
  /** Those of the items that are still there. */
  findInOutbox(keys: readonly string[]): Promise<StoredItem[]>;
  /**
   * The oldest committed items but for the first `skip`, from the primary with read concern `majority`; fewer than `limit`
   * where they are large. Who can write to the outbox may have put in anything: what no event can be has an empty text.
   */
  readOutbox(limit: number, skip: number): Promise<StoredItem[]>;
  /**
   * Marks items that can never be recorded, so that no process reads them again; they stay.
   * @returns how many of them no other process had marked
   */
  refuseInOutbox(ids: readonly unknown[]): Promise<number>;
  countOutbox(): Promise<number>;
  /** Removes items. Those that are gone already are no error. */
  removeFromOutbox(keys: readonly string[]): Promise<void>;
}

/** Where processes that would be in each other's way agree whose turn it is. `work` names what they take turns at. */
export interface LeaseStore {
  /** What names the turn that somebody has; null when nobody has one. */
  leaseHolder(work: string): Promise<string | null>;
  /** Takes the turn under a name that no other has, if it is still as it was seen. */
  acquireLease(work: string, name: string, seen: string | null): Promise<boolean>;
  releaseLease(work: string, name: string): Promise<void>;
}

/**
 * A refused append, as far as the store can tell for what is in one of the entries. Those before it may be in. An outage may
 * look so, too: what others were taken at the same time tells them apart.
 */
export class AppendRefusal extends Error {
  override readonly name = 'AppendRefusal';

  /** @param cause what the database said */
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

/** A refused append: look which entries are in, read the head again, number the rest anew. */
export class AppendConflict extends Error {
  override readonly name = 'AppendConflict';
}
