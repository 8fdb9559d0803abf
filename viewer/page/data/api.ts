import type { Entry } from '../../../lib/chain/entry';
import { Failure, failureOf } from './failure';
import { type Filter, queryOf } from './filter';

export type Permission = 'read' | 'export' | 'verify';

/** Who looks at which trail. */
export interface Session {
  tenantId: string;
  permissions: Permission[];
  ledger: string;
  /** C2SP verifier key; null where nothing is signed. */
  verifierKey: string | null;
}

/** What was altered so that it is no entry any more, or is not there. */
export interface Fault {
  seq: number | null;
  message: string;
}

export interface Page {
  entries: Entry[];
  nextCursor: string | null;
  faults?: Fault[];
}

/** `counts[i]` is of the `step` milliseconds from `from + i * step`; a count of `limit` means that or more. */
export interface Histogram {
  from: string | null;
  to: string | null;
  step: number;
  limit: number | null;
  counts: number[];
}

/** What the server says of the whole trail. */
export interface Report {
  verdict: 'intact' | 'broken';
  anchor: string;
  size: number;
  anchoredSize: number;
  problemCount: number;
  problems: { kind: string; seq: number | null; message: string }[];
}

/** A stream of the trail to another system, and how it goes. */
export interface StreamState {
  name: string;
  kind: string;
  address: string;
  format: string;
  state: 'delivering' | 'failing' | 'paused';
  lag: { entries: number; seconds: number };
  delivered: number;
  lastSuccess: string | null;
  lastError: { reason: string; at: string } | null;
  setAside: number;
}

/** How a file is to be exported. */
export interface ExportChoice {
  format: 'csv' | 'json' | 'jsonl';
  proof: boolean;
}

/** Entries on a page of the list. */
export const PAGE = 100;

type Parameters = Record<string, string>;

/** The HTTP API that the page is part of: all its addresses are beside the page's own. */
export class Api {
  constructor(
    private readonly base: string,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
    private readonly now: () => number = Date.now,
  ) {}

  session(): Promise<Session> {
    return this.json('session', {});
  }

  /** A page of the list, newest first. */
  entries(filter: Filter, cursor: string | null, signal?: AbortSignal): Promise<Page> {
    const page = { ...queryOf(filter, this.now()), limit: String(PAGE), faults: 'true' };
    return this.json('entries', cursor === null ? page : { ...page, cursor }, signal);
  }

  entry(id: string, signal?: AbortSignal): Promise<Entry> {
    return this.json(`entries/${segment(id)}`, {}, signal);
  }

  proof(id: string): Promise<string> {
    return this.text(`entries/${segment(id)}/proof`);
  }

  /** The entry with a number. */
  numbered(seq: number, signal?: AbortSignal): Promise<Entry> {
    return this.json(`chain/${seq}`, {}, signal);
  }

  checkpoint(): Promise<string> {
    return this.text('checkpoint');
  }

  histogram(filter: Filter, buckets: number, signal?: AbortSignal): Promise<Histogram> {
    return this.json('histogram', { ...queryOf(filter, this.now()), buckets: String(buckets) }, signal);
  }

  async actions(prefix: string, signal?: AbortSignal): Promise<string[]> {
    const found = await this.json<{ actions: string[] }>('actions', { prefix, limit: '20' }, signal);
    return found.actions;
  }

  report(signal?: AbortSignal): Promise<Report> {
    return this.json('verify', {}, signal);
  }

  /** The streams that the tenant has set up. */
  async streams(signal?: AbortSignal): Promise<StreamState[]> {
    return (await this.json<{ streams: StreamState[] }>('streams', {}, signal)).streams;
  }

  /** A file of entries, as a stream. */
  export(filter: Filter, { format, proof }: ExportChoice, signal: AbortSignal): Promise<Response> {
    const query = { ...queryOf(filter, this.now()), format, proof: String(proof) };
    return this.answer('export', query, signal);
  }

  /** Where entries are sent as they happen. */
  streamUrl(filter: Filter): string {
    const { from: _, to: __, ...query } = queryOf(filter, this.now());
    return this.url('stream', query);
  }

  private url(path: string, query: Parameters): string {
    const url = new URL(path, this.base);
    url.search = new URLSearchParams(query).toString();
    return url.href;
  }

  private async json<T>(path: string, query: Parameters, signal?: AbortSignal): Promise<T> {
    const response = await this.answer(path, query, signal);
    if (!(response.headers.get('content-type') ?? '').includes('json')) throw new Failure(0, '', 'NOT_JSON');
    return (await response.json()) as T;
  }

  private async text(path: string): Promise<string> {
    return (await this.answer(path, {})).text();
  }

  private async answer(path: string, query: Parameters, signal?: AbortSignal): Promise<Response> {
    const response = await this.fetcher(this.url(path, query), {
      credentials: 'same-origin',
      ...(signal && { signal }),
    });
    if (!response.ok) throw await failureOf(response);
    return response;
  }
}

/** A segment of a path. Dots alone would be taken for steps in it, and no escape prevents that. */
function segment(text: string): string {
  if (text === '.' || text === '..' || text === '') throw new Failure(404, '');
  return encodeURIComponent(text.toWellFormed());
}
