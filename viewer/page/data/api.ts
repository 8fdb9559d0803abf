import type { Words } from '../../../lib/catalogue/words';
import type { Entry } from '../../../lib/chain/entry';
import { Failure, failureOf } from './failure';
import { type Filter, queryOf } from './filter';
import type { Signing } from './host-token';

export type Permission = 'read' | 'export' | 'verify';

/** Who looks at which trail. */
export interface Session {
  tenantId: string;
  permissions: Permission[];
  ledger: string;
  /** C2SP verifier key; null where nothing is signed. */
  verifierKey: string | null;
  /** What actions are called, as far as the application has defined them. */
  titles?: Record<string, Words>;
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
  /** How far it was looked, where entries are looked at one by one. */
  lookedAt?: LookedAt;
}

export interface LookedAt {
  entries: number;
  seq: number | null;
  recordedAt: string | null;
}

/** Somebody who is in the trail. */
export interface KnownActor {
  id: string;
  name?: string;
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
  /** What is no problem by itself, and has to be known. */
  notices: { kind: 'reopened' | 'unproven'; seq: number | null; message: string }[];
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

type Parameters = Record<string, string | readonly string[]>;

/** The HTTP API that the page is part of: all its addresses are beside the page's own. */
export class Api {
  constructor(
    private readonly base: string,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
    private readonly now: () => number = Date.now,
    /** Signs requests by a token, in place of cookies. */
    private readonly signing: Signing | null = null,
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

  /** Who is in the newest entries, by a part of their name or id. */
  async actors(text: string, signal?: AbortSignal): Promise<KnownActor[]> {
    const query = { limit: '20', ...(text !== '' && { text }) };
    const found = await this.json<{ actors: KnownActor[] }>('actors', query, signal);
    return found.actors;
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
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(name, value);
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
    const response = await this.ask(this.url(path, query), {}, signal);
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  /** Asks by cookies, or by a token: anew with a newer one where the first was refused. */
  async ask(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const { signing } = this;
    const request = { ...(signal && { signal }) };
    if (!signing) return this.fetcher(url, { ...request, credentials: 'same-origin', headers });
    const signed = async (isRefused: boolean): Promise<Response> =>
      this.fetcher(url, {
        ...request,
        credentials: 'omit',
        headers: { ...headers, ...(await signing.headers(isRefused)) },
      });
    const response = await signed(false);
    return response.status === 401 ? signed(true) : response;
  }
}

/** A segment of a path. Dots alone would be taken for steps in it, and no escape prevents that. */
function segment(text: string): string {
  if (text === '.' || text === '..' || text === '') throw new Failure(404, '');
  return encodeURIComponent(text.toWellFormed());
}
