import { checkRecordingOptions, parseLimits, type RecordingOptions } from '../recording-options';
import { Complaints, isObject } from '../util/complaints';
import { quote } from '../util/quote';
import type { RedactOptions } from '../event/secrets';
import type { Logger } from '../write/signals';
import type { WriteLimits } from '../write/limits';
import type { ClientSpool } from './spool/client-spool';

/** Bounds of one client. */
export interface ClientLimits extends WriteLimits {
  /** Bytes of canonical JSON that each of `metadata`, `before` and `after` may have. */
  valueBytes: number;
}

/** Where requests are sent with; the global `fetch` fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Keeps a serverless function alive until a promise has settled. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** Options of a client. */
export interface ClientOptions<Action extends string = string> extends RecordingOptions<Action> {
  /** Where the collector is mounted, such as `https://audit.example.com/ingest`; `AUDIT_LEDGER_URL` when left out. */
  url?: string | undefined;
  /** A key of the collector's; `AUDIT_LEDGER_API_KEY` when left out. */
  apiKey?: string | undefined;
  /** The global `fetch` when left out. */
  fetch?: Fetch | undefined;
  /** Told of each event until it is settled. That of Next.js, Vercel or OpenNext is found when it is left out. */
  waitUntil?: WaitUntil | undefined;
  /** Milliseconds from the call after which an event, or a query, is not tried again; 30,000 when left out. */
  timeoutMs?: number | undefined;
  /** Keeps what was accepted on disk until the collector has it: `diskSpool` of `express-audit-ledger/client/spool`. */
  spool?: ClientSpool | undefined;
  limits?: Partial<ClientLimits> | undefined;
}

/** Options checked once, with their defaults. */
export interface ParsedClientOptions {
  /** Without a slash at its end. */
  url: string;
  apiKey: string;
  fetch: Fetch | undefined;
  waitUntil: WaitUntil | undefined;
  timeoutMs: number;
  spool: ClientSpool | undefined;
  limits: ClientLimits;
  defaultTenant: string | undefined;
  actions: readonly string[] | undefined;
  redact: RedactOptions | undefined;
  logger: Logger;
}

const KNOWN = Object.keys({
  url: true,
  apiKey: true,
  fetch: true,
  waitUntil: true,
  timeoutMs: true,
  spool: true,
  limits: true,
  defaultTenant: true,
  actions: true,
  redact: true,
  logger: true,
} satisfies Record<keyof ClientOptions, true>);

const DEFAULT_LIMITS: ClientLimits = {
  valueBytes: 65_536,
  queueEvents: 10_000,
  queueBytes: 32 * 1024 * 1024,
  batch: 1_000,
};

/** Events that a collector takes in one request. */
const MAX_BATCH = 1_000;

const DEFAULT_TIMEOUT = 30_000;

/** What a timer can wait, in milliseconds. */
const MAX_TIMEOUT = 2_147_483_647;

/** What can stand in a header: a key is shown to nobody, so it is refused without it. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/**
 * Checks options at the call, unknown names too.
 * @throws AuditError `INVALID_OPTIONS` with every bad option; the key is never part of it.
 */
export function parseClientOptions(options: ClientOptions): ParsedClientOptions {
  const complaints = new Complaints();
  complaints.unknownFields(options, KNOWN);
  checkRecordingOptions(options, complaints);
  const { fetch, waitUntil, timeoutMs = DEFAULT_TIMEOUT, spool } = options;
  const { logger = console, defaultTenant, redact } = options;
  const url = parseUrl(options.url ?? fromEnvironment('AUDIT_LEDGER_URL'), complaints);
  const apiKey = options.apiKey ?? fromEnvironment('AUDIT_LEDGER_API_KEY');
  if (apiKey === undefined) complaints.missing('apiKey', 'give it, or set AUDIT_LEDGER_API_KEY');
  else if (typeof apiKey !== 'string' || !HEADER_TEXT.test(apiKey))
    complaints.add('apiKey', 'a key of the collector, on one line', apiKey, 'something else');
  for (const [name, value] of Object.entries({ fetch, waitUntil }))
    if (value !== undefined && typeof value !== 'function') complaints.add(name, 'a function', value);
  if (!(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT))
    complaints.add('timeoutMs', `a number above 0, at most ${MAX_TIMEOUT}`, timeoutMs);
  if (spool !== undefined && (!isObject(spool) || typeof spool['open'] !== 'function'))
    complaints.add('spool', 'what diskSpool() gave', spool);
  const limits = parseLimits(options.limits, DEFAULT_LIMITS, complaints, { batch: MAX_BATCH });
  complaints.assertNone('INVALID_OPTIONS', 'createClient cannot use its options');
  const actions = options.actions && [...options.actions];
  const same = { fetch, waitUntil, timeoutMs, spool, limits, defaultTenant, actions, redact, logger };
  return { ...same, url: url as string, apiKey: apiKey as string };
}

/** The key is sent there: nothing else may be in it that somebody could log. */
function parseUrl(text: unknown, complaints: Complaints): string | undefined {
  if (text === undefined) return complaints.missing('url', 'give it, or set AUDIT_LEDGER_URL');
  const rule = 'where a collector is mounted, https://… or http://…, without user, query and fragment';
  if (typeof text !== 'string' || !URL.canParse(text)) return complaints.add('url', rule, text);
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  const isPlain = username + password + search + hash === '' && !text.includes('?');
  if (!isPlain || (protocol !== 'https:' && protocol !== 'http:'))
    return complaints.add('url', rule, text, isPlain ? quote(text) : `${quote(origin)} with more`);
  return origin + pathname.replace(/\/+$/, '');
}

/** Where there is no `process`, as on Cloudflare, there are only options. Empty is not set. */
function fromEnvironment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
