import { AuditError } from '../errors';
import { isDate } from '../event/builtin';
import { isPrintable, parseInstant } from '../event/instant';
import { isTenantId, TENANT_ID_RULE } from '../event/tenant-id';
import type { EvidenceFilter } from '../evidence/records';
import { isStreamName } from '../store/stream-store';
import { attempt } from '../util/attempt';
import { Complaints, isObject } from '../util/complaints';
import { omitUndefined } from '../util/omit-undefined';
import { OUTCOMES } from '../vocabulary';
import { type Destination, type FormatName, FORMATS } from './destination';
import { createFormat, type Format, type FormatOptions, isActionTable } from './format/format';
import { oneLine } from './one-line';
import type { StreamFilter } from './piece';

/** A stream of entries to another system. */
export interface StreamOptions extends FormatOptions {
  /** Names it in status, entries and the command line: `a-z`, digits, `.`, `_`, `-`; at most 64. */
  name: string;
  /** Where the entries go, such as `splunk({ url, token })`; or what makes that, of options that others have given. */
  to: Destination | (() => Destination);
  /** Whose entries; those of all tenants, with the ledger's own, when left out. */
  tenants?: readonly string[] | undefined;
  /**
   * The tenant that set the stream up: it gets its own entries alone, and the address that it gave is refused where it
   * leads to a private, link-local or loopback network.
   */
  owner?: string | undefined;
  /** Which entries, as those of `list`. A stream with a filter has gaps. */
  filter?: StreamFilter | undefined;
  /** The form of entries: `native`, `ocsf`, `ecs` or a function; that of the destination when left out. */
  format?: FormatName | Format | undefined;
  /** Where a new stream begins: at the first entry when left out, at those recorded from an instant, or `now`. */
  from?: Date | string | undefined;
}

/** The streams of a ledger, or a function that gives those of its tenants, asked every minute. */
export type StreamList =
  readonly StreamOptions[] | (() => readonly StreamOptions[] | Promise<readonly StreamOptions[]>);

/** A stream, checked. */
export interface ParsedStream {
  name: string;
  to: Destination;
  tenants: readonly string[] | null;
  owner: string | null;
  filter: EvidenceFilter;
  format: Format;
  /** Entries recorded from this time on, in milliseconds since 1970; null for all. `now` is when the stream was first known. */
  from: number | 'now' | null;
  /** What it is, for people, other processes and the ledger's own chain. */
  description: StreamDescription;
}

/** What a stream is: nothing of it is secret. */
export interface StreamDescription {
  kind: string;
  address: string;
  format: string;
  tenants?: readonly string[];
  owner?: string;
  filter?: StreamFilter;
}

const KNOWN = ['name', 'to', 'tenants', 'owner', 'filter', 'format', 'from', 'actions', 'users'];
const FILTERS = ['actor', 'action', 'resource', 'outcome'] as const;

/**
 * Checks the option `streams`.
 * @throws AuditError `INVALID_OPTIONS` as a complaint in `complaints`
 */
export function parseStreamList(
  list: unknown,
  complaints: Complaints,
): readonly ParsedStream[] | (() => Promise<unknown>) {
  if (typeof list === 'function') return () => Promise.resolve().then(list as () => unknown);
  if (!Array.isArray(list)) {
    complaints.add('streams', 'an array of streams, or a function that gives one', list);
    return [];
  }
  const parsed = list.map((options, i) => checkStream(options, complaints, `streams[${i}]`));
  const names = parsed.flatMap((stream) => stream?.name ?? []);
  for (const name of new Set(names.filter((name, i) => names.indexOf(name) !== i)))
    complaints.add('streams', 'streams of different names', name);
  return parsed.filter((stream) => stream !== undefined);
}

/** @throws AuditError `INVALID_OPTIONS` with all that is wrong. */
export function parseStream(options: unknown): ParsedStream {
  const complaints = new Complaints();
  const parsed = checkStream(options, complaints, 'stream');
  complaints.assertNone('INVALID_OPTIONS', 'The stream cannot be used');
  return parsed as ParsedStream;
}

function checkStream(options: unknown, complaints: Complaints, at: string): ParsedStream | undefined {
  if (!isObject(options)) return complaints.add(at, 'an object such as { name, to }', options);
  complaints.unknownFields(options, KNOWN, `${at}.`);
  const { name, to: given, tenants, owner, filter = {}, format, from, actions, users } = options;
  if (!isStreamName(name)) complaints.add(`${at}.name`, 'up to 64 of a-z, 0-9, `.`, `_` and `-`', name);
  const to = readDestination(given, complaints, `${at}.to`);
  if (!to) return undefined;
  if (tenants !== undefined && !(Array.isArray(tenants) && tenants.length > 0 && tenants.every(isTenantId)))
    complaints.add(`${at}.tenants`, `an array of tenants: ${TENANT_ID_RULE}`, tenants);
  if (owner !== undefined && !isTenantId(owner)) complaints.add(`${at}.owner`, TENANT_ID_RULE, owner);
  if (owner !== undefined && tenants !== undefined)
    complaints.add(`${at}.tenants`, 'left out: the `owner` gets its own entries', tenants);
  if (owner !== undefined && to.isLocal)
    complaints.add(`${at}.to`, 'elsewhere: a stream of a tenant does not write to this machine', to.kind);
  checkFilter(filter, complaints, `${at}.filter`);
  if (format !== undefined && typeof format !== 'function' && !FORMATS.includes(format as FormatName))
    complaints.add(`${at}.format`, `one of ${FORMATS.join(', ')}, or a function`, format);
  if (actions !== undefined && !isActionTable(actions))
    complaints.add(
      `${at}.actions`,
      'an object of actions such as { "org.*": { on: "user", does: "create" } }',
      actions,
    );
  if (users !== undefined && users !== 'account_change' && users !== 'user_management')
    complaints.add(`${at}.users`, 'account_change or user_management', users);
  const begin = readBegin(from);
  if (begin === undefined) complaints.add(`${at}.from`, '`now`, a Date or an RFC 3339 date-time', from);
  if (!complaints.isEmpty) return undefined;
  const named = (format ?? to.format) as FormatName | Format;
  const wanted: StreamFilter = filter;
  const whose = owner === undefined ? (tenants as string[] | undefined) : [owner as string];
  return {
    name: name as string,
    to,
    tenants: whose ?? null,
    owner: (owner as string | undefined) ?? null,
    filter: omitUndefined(wanted),
    format: createFormat(named, { actions, users } as FormatOptions),
    from: begin as ParsedStream['from'],
    description: {
      kind: to.kind,
      address: to.address,
      format: typeof named === 'string' ? named : 'function',
      ...(whose && owner === undefined && { tenants: whose }),
      ...(owner !== undefined && { owner: owner as string }),
      ...(Object.keys(wanted).length > 0 && { filter: wanted }),
    },
  };
}

/** A description as it is kept. Whoever holds the database may have written it: what is no such thing is left out. */
export function readDescription(text: string): StreamDescription {
  const told = attempt(() => JSON.parse(text) as unknown);
  const { kind, address, format, tenants, owner, filter } = isObject(told) ? told : {};
  const shown = (value: unknown) => (typeof value === 'string' ? oneLine(value) : '');
  const wanted = isObject(filter) ? Object.fromEntries(FILTERS.map((name) => [name, filter[name]])) : {};
  const complaints = new Complaints();
  checkFilter(wanted, complaints, 'filter');
  return {
    kind: shown(kind),
    address: shown(address),
    format: shown(format),
    ...(Array.isArray(tenants) && tenants.length > 0 && tenants.every(isTenantId) && { tenants }),
    ...(isTenantId(owner) && { owner }),
    ...(isObject(filter) && complaints.isEmpty && { filter: omitUndefined(wanted) }),
  };
}

function readBegin(from: unknown): number | 'now' | null | undefined {
  if (from === undefined) return null;
  if (from === 'now') return from;
  const time = isDate(from) ? from.getTime() : typeof from === 'string' ? parseInstant(from) : null;
  return time !== null && isPrintable(time) ? time : undefined;
}

function isDestination(value: unknown): value is Destination {
  if (!isObject(value)) return false;
  const { kind, address, limits, encode, deliver } = value;
  const isNamed = typeof kind === 'string' && typeof address === 'string';
  const isLimit = (limit: unknown) => Number.isInteger(limit) && Number(limit) >= 1;
  const isLimited = isObject(limits) && isLimit(limits['entries']) && isLimit(limits['bytes']);
  return isNamed && isLimited && typeof encode === 'function' && typeof deliver === 'function';
}

/** A destination, or what a function makes: one that it cannot make is a fault of this stream alone. */
function readDestination(given: unknown, complaints: Complaints, at: string): Destination | undefined {
  let to = given;
  try {
    if (typeof given === 'function') to = (given as () => unknown)();
  } catch (error) {
    const reason = error instanceof AuditError ? error.message : 'it threw';
    return complaints.note(`\`${at}\` gives no destination: ${oneLine(reason)}`);
  }
  if (isDestination(to)) return to;
  // It may hold secrets.
  return complaints.add(at, 'a destination, such as `splunk({ url, token })`', to, 'something else');
}

function checkFilter(filter: unknown, complaints: Complaints, at: string): asserts filter is StreamFilter {
  if (!isObject(filter)) return complaints.add(at, 'an object', filter);
  complaints.unknownFields(filter, FILTERS, `${at}.`);
  for (const name of FILTERS) {
    const value = filter[name];
    if (value !== undefined && typeof value !== 'string') complaints.add(`${at}.${name}`, 'a string', value);
  }
  const { outcome } = filter;
  if (typeof outcome === 'string' && !(OUTCOMES as readonly string[]).includes(outcome))
    complaints.add(`${at}.outcome`, `one of ${OUTCOMES.join(', ')}`, outcome);
}
