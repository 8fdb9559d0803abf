import type { JsonObject } from '../chain/json';
import type { EventContext } from './event';
import { cutText, TEXT_LIMIT } from './size-limit';
import { REDACTED, type Secrets } from './secrets';
import { readMember, textOf } from './text-of';

const KINDS = {
  ipAddress: 'text',
  userAgent: 'text',
  method: 'text',
  route: 'text',
  path: 'text',
  statusCode: 'number',
  durationMs: 'number',
  requestId: 'text',
  traceId: 'text',
} as const satisfies Record<keyof EventContext, 'text' | 'number'>;

const MEMBERS = Object.keys(KINDS) as (keyof EventContext)[];

/**
 * The context of an entry: what the request knows, under what the caller says. Both come from outside, so neither keeps
 * an event out of the ledger: a long text is cut and ends in `…`, another value becomes a text, what is no number from 0
 * is left out where a number belongs, and so are members that no context has.
 */
export function mergeContext(
  request: EventContext,
  given: unknown,
  secrets: Secrets,
): JsonObject | undefined {
  const context: JsonObject = {};
  let isEmpty = true;
  for (const name of MEMBERS) {
    const said = given ? read(name, readMember(given, name), secrets) : undefined;
    const value = said ?? read(name, request[name], secrets);
    if (value === undefined) continue;
    context[name] = value;
    isEmpty = false;
  }
  return isEmpty ? undefined : context;
}

function read(name: keyof EventContext, value: unknown, secrets: Secrets): string | number | undefined {
  if (value === undefined) return undefined;
  return KINDS[name] === 'text' ? readText(value, name, secrets) : readNumber(value, name, secrets);
}

function readText(value: unknown, name: string, secrets: Secrets): string | undefined {
  const text = typeof value === 'string' ? value : textOf(value, name, secrets);
  if (text === undefined) return undefined;
  return cutText(secrets.redactMember(name, text.toWellFormed()), TEXT_LIMIT);
}

function readNumber(value: unknown, name: string, secrets: Secrets): number | string | undefined {
  if (value === '') return undefined;
  const number = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
  if (secrets.isOwnMember(name)) return REDACTED;
  return number === 0 ? 0 : number; // -0 is no JSON
}

/** A context that lay where others can write: what no context has is left out, what is too long is cut. */
export function limitContext(given: JsonObject): JsonObject {
  const context: JsonObject = {};
  for (const name of MEMBERS) {
    const value = given[name];
    if (typeof value === 'string') context[name] = cutText(value, TEXT_LIMIT);
    else if (typeof value === 'number' && KINDS[name] === 'number' && value >= 0) context[name] = value;
  }
  return context;
}
