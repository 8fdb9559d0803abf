import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import { auditCollector, type CollectorOptions } from '../../collector';
import type { Entry } from '../../lib/chain/entry';
import type { KeyOptions } from '../../lib/keys/key-options';
import type { LedgerOptions } from '../../lib/options';
import { MemoryStore } from '../../models/memory/memory-store';
import { serve } from './served';
import { testLedger, type TestLedger } from './served-ledger';

/** An answer of the collector. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON of the text; empty where that is none. */
  body: AnsweredBody;
}

/** What a test looks into. */
export interface AnsweredBody {
  id?: string;
  tenantId?: string;
  code?: string;
  detail?: string;
  errors?: unknown;
  limit?: unknown;
  results?: { receipt?: { id: string }; error?: object }[];
}

/** What a request is made of. */
export interface Sent {
  key?: string | undefined;
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A collector that listens, and its ledger. */
export interface Collecting extends TestLedger {
  url: string;
  port: number;
  /** Makes a key that may write for the tenant `acme`, unless it is told otherwise. */
  newKey: (options?: Partial<KeyOptions>) => Promise<string>;
  send: (path: string, sent?: Sent) => Promise<Answered>;
  post: (key: string | undefined, body: unknown, headers?: Record<string, string>) => Promise<Answered>;
  /** A tenant's entries, oldest first. */
  chain: (tenantId: string) => Promise<Entry[]>;
}

/** How a collector is served: `mount` puts the listener into an application. */
export interface Serving extends Omit<CollectorOptions, 'audit'> {
  where?: Connection | MemoryStore;
  ledger?: LedgerOptions;
  mount?: (collector: RequestListener) => RequestListener;
}

/** Serves a collector, in memory unless it is given a database. */
export async function collecting({ where, ledger, mount, ...options }: Serving = {}): Promise<Collecting> {
  const made = testLedger(where ?? new MemoryStore(), ledger);
  const { audit } = made;
  const collector = auditCollector({ audit, ...options });
  const { url, port } = await serve(mount ? mount(collector) : collector);
  const send: Collecting['send'] = (path, sent) => sendTo(`${url}${path}`, sent);
  return {
    ...made,
    url,
    port,
    send,
    newKey: async (given) =>
      (await audit.keys.create({ name: 'test', scopes: ['write'], tenants: ['acme'], ...given })).key,
    post: (key, body, headers = {}) => send('/events', { key, method: 'POST', body, headers }),
    chain: async (tenantId) => {
      await audit.flush();
      return [...(await audit.list({ tenantId, order: 'asc', limit: 1000 }))];
    },
  };
}

/** Sends a request to a collector. */
export async function sendTo(
  url: string,
  { key, method = 'GET', body, headers = {} }: Sent = {},
): Promise<Answered> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.match(/[/+]json(;|$)/);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? (JSON.parse(text) as AnsweredBody) : {},
  };
}
