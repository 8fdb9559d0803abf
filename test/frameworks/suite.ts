import type { Entry } from '../../lib/chain/entry';
import type { Client } from './client';
import type { Ended } from './application';

/** What one application must do, whatever its framework. */
export interface Case {
  /** A row of the matrix. */
  name: string;
  /** In one sentence. */
  proves: string;
  /**
   * Makes requests, and gives what is to be checked once the application has ended: by then all is recorded, so nothing has
   * to be waited for, and what is not there was not recorded.
   */
  run: (client: Client) => Promise<Check>;
}

export type Check = (recorded: Recorded) => void | Promise<void>;

/** What an application left behind, as one case sees it. */
export interface Recorded {
  /** In the first ledger: entries of the case's tenant, and of requests that it sent. */
  entries: Entry[];
  /** The same in the second ledger, which only what is below `/second` records in. */
  second: Entry[];
  /** All entries of the first ledger. */
  all: Entry[];
  /** Verdicts on all chains of both ledgers. */
  verdicts: string[];
  ended: Ended;
}

/** How a case went: passed, or why not. */
export type Outcome = { passed: true } | { passed: false; why: string };

/** What its package.json says of an application, under `conformance`. */
export interface Conformance {
  /** The file that starts it. */
  start: string;
  /** Another application's folder, whose files it has as well: the same application with other packages. */
  sources?: string;
  /** How `/upload` takes its file: a form's field `file`, or the body as it is. Default: raw. */
  upload?: 'multipart' | 'raw';
  /** What the framework makes impossible: the name of a case, and why. It must fail, or else this is not true any more. */
  impossible?: Record<string, string>;
}

/** The entry, where there is to be one alone. */
export function only(entries: readonly Entry[]): Entry {
  const [entry, ...others] = entries;
  if (entry && others.length === 0) return entry;
  throw new Error(`One entry was to be recorded, got ${entries.length}: ${shown(entries)}`);
}

/** A member of an entry's context, as a text. */
export function contextOf({ context }: Entry, name: string): string {
  const value = context?.[name];
  return typeof value === 'string' ? value : `no text: ${typeof value}`;
}

/** Nothing was recorded. */
export function none(entries: readonly Entry[]): void {
  if (entries.length > 0) throw new Error(`Nothing was to be recorded, got ${shown(entries)}`);
}

/** For how many events entries stand: what is repeated is counted in one. */
export function sumOf(entries: readonly Entry[]): number {
  return entries.reduce(
    (sum, { metadata }) => sum + ((metadata as { count?: number } | undefined)?.count ?? 1),
    0,
  );
}

function shown(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map(({ action, tenantId, context }) => [action, tenantId, context?.['path']]),
  );
}
