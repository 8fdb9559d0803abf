import type { TLSSocket } from 'node:tls';
import type { Entry } from '../chain/entry';
import type { JsonObject } from '../chain/json';

/** A value that nobody is shown, or a function that is asked for it at each try: one that was renewed serves at once. */
export type Secret = string | (() => string | Promise<string>);

/** An entry in the form that a stream gives it. */
export interface FormattedEntry {
  entry: Entry;
  /** Names the entry among those of all tenants: what a destination tells repetitions by. At most 512 bytes. */
  key: string;
  /** The entry in the stream's format. */
  body: JsonObject;
}

/** An entry as it is delivered. */
export interface Piece {
  entry: Entry;
  key: string;
  /** What `encode` gave for it. */
  text: string;
  /** Bytes of the text. */
  bytes: number;
}

/** A piece that the destination will never take; `index` counts from 0 in what it was given. */
export interface Refused {
  index: number;
  reason: string;
}

/**
 * What became of a delivery.
 *
 * - `taken`: the destination has it, but for `refused`; `rest` are pieces that it did not look at, to be given again at once.
 * - `retry`: try again, the `rest` alone if it is named, in `after` milliseconds at the earliest.
 * - `split`: too large, or it holds something that the destination does not take: try again in halves. A piece that is
 *   refused alone is set aside.
 * - `stop`: nothing will be taken until somebody changes something, such as a token: an alarm, and slow tries. `isGone`: the
 *   destination wants nothing more, so that the stream is paused.
 */
export type Delivery =
  | { result: 'taken'; refused?: readonly Refused[]; rest?: readonly number[] }
  | {
      result: 'retry';
      reason: string;
      after?: number | undefined;
      refused?: readonly Refused[];
      rest?: readonly number[];
    }
  | { result: 'split'; reason: string }
  | { result: 'stop'; reason: string; isGone?: true };

/** What one delivery may hold. */
export interface DeliveryLimits {
  entries: number;
  /** Bytes of all texts together. */
  bytes: number;
  /** Bytes of one text; one beyond it is delivered without `metadata`, `before` and `after`, marked as `truncated`. */
  entryBytes?: number;
}

/** A request to a destination. */
export interface PostRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Whether the body is compressed by gzip. */
  gzip?: boolean;
}

/** What a destination answered. */
export interface PostAnswer {
  status: number;
  /** A header by its lower-case name. */
  header(name: string): string | null;
  /** At most a few MiB of the body. */
  text: string;
}

/** Where a destination is that takes no HTTP. */
export interface TlsAddress {
  host: string;
  port: number;
  /** Certificates of authorities, PEM; those of Node.js when left out. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  servername?: string | undefined;
}

/** What a destination delivers by. Of a stream that a tenant owns, it refuses addresses of inner networks. */
export interface Means {
  /** Aborted when the delivery is to end: its time is up, or another process has the turn. */
  signal: AbortSignal;
  now(): number;
  /** @throws {Error} when no answer came. It follows no redirect. */
  post(request: PostRequest): Promise<PostAnswer>;
  /** @throws {Error} when there is no connection, or no certificate that is trusted. */
  connect(address: TlsAddress): Promise<TLSSocket>;
  /** The value of a secret. What is reported of this delivery does not show it. */
  reveal(secret: Secret): Promise<string>;
}

/** The built-in forms of entries. */
export const FORMATS = ['native', 'ocsf', 'ecs'] as const;
export type FormatName = (typeof FORMATS)[number];

/** A system that takes entries. What `deliver` throws counts as `retry`. */
export interface Destination {
  /** What it is, such as `splunk`. */
  readonly kind: string;
  /** Where it is, such as `https://siem.example.com`: shown to people, so nothing secret. */
  readonly address: string;
  /** Whether it writes to this machine: no tenant may own such a stream. */
  readonly isLocal?: boolean;
  /** The form of entries when the stream names none. */
  readonly format: FormatName;
  readonly limits: DeliveryLimits;
  /** An entry as it stands in a delivery. The same each time. */
  encode(formatted: FormattedEntry): string;
  /** Delivers pieces in order, and tells what became of them once the destination has said so. */
  deliver(pieces: readonly Piece[], means: Means): Promise<Delivery>;
  /** Ends what is open. */
  close?(): void | Promise<void>;
}
