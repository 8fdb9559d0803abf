import { isTenantId, TENANT_ID_LENGTH, TENANT_ID_RULE } from '../event/tenant-id';
import { isDate } from '../event/builtin';
import { ACTOR_LIMIT, keptId, TEXT_LIMIT } from '../event/size-limit';
import { sha256 } from '../crypto/node';
import { DAY, isPrintable, LAST, parseDay, parseInstant } from '../event/instant';
import { OUTCOMES } from '../vocabulary';

/** What a parameter may be, as JSON Schema: what OpenAPI says of it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Gives what a parameter says, or undefined when it breaks its rule. */
export type Rule<T> = { rule: string; schema: Schema; read: (value: unknown) => T | undefined };

export const TEXT: Rule<string> = {
  rule: 'a string',
  schema: { type: 'string' },
  read: (value) => (typeof value === 'string' ? value : undefined),
};
/** The tenant of a query, and other texts that the database must take as they are: of one that no tenant can have there is nothing. */
export const WELL_FORMED: Rule<string> = {
  rule: 'a string without lone surrogates',
  schema: { type: 'string' },
  read: (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined),
};
/** The tenant of what is recorded. */
export const TENANT: Rule<string> = {
  rule: TENANT_ID_RULE,
  schema: { type: 'string', minLength: 1, maxLength: TENANT_ID_LENGTH },
  read: (value) => (isTenantId(value) ? value : undefined),
};
/** Ids of actors and resources, in the form that entries keep of one that is too long for them. */
export const ACTOR = idRule(ACTOR_LIMIT);
export const RESOURCE = idRule(TEXT_LIMIT);
/** What is on or off. */
export const FLAG: Rule<boolean> = {
  rule: 'true or false',
  schema: { type: 'boolean' },
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};
/** The same in an address, where the name alone turns it on. */
export const SWITCH: Rule<string> = {
  rule: 'given without a value, or true or false',
  schema: { type: 'string', enum: ['', 'true', 'false'] },
  read: (value) => ['', 'true', 'false'].find((known) => known === value),
};
export const OUTCOME = oneOfRule(OUTCOMES);
export const FROM = instantRule((day) => day);
/** The last day of all has no next one: it ends a millisecond early. */
export const TO = instantRule((day) => Math.min(day + DAY, LAST));

/** A number from 1 to `max`; `given` when it is left out. */
export function wholeNumberRule(max: number, given: number): Rule<number> {
  return {
    rule: `a whole number from 1 to ${max}`,
    schema: { type: 'integer', minimum: 1, maximum: max, default: given },
    read: (value) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max ? Number(value) : undefined,
  };
}

function idRule(max: number): Rule<string> {
  return { ...TEXT, read: (value) => (typeof value === 'string' ? keptId(value, max, sha256) : undefined) };
}

export function oneOfRule<Choice extends string>(choices: readonly Choice[]): Rule<Choice> {
  return {
    rule: `one of ${choices.join(', ')}`,
    schema: { type: 'string', enum: choices },
    read: (value) => choices.find((choice) => choice === value),
  };
}

/** A `Date`, an RFC 3339 date-time, or a date alone, of which `ofDay` says which instant it stands for. */
function instantRule(ofDay: (start: number) => number): Rule<number> {
  const read = (value: unknown): number | null => {
    if (isDate(value)) return value.getTime();
    if (typeof value !== 'string') return null;
    const day = parseDay(value);
    return day === null ? parseInstant(value) : ofDay(day);
  };
  return {
    rule: 'a Date, an RFC 3339 date-time with its zone, or a date such as 2026-11-21',
    schema: { anyOf: ['date-time', 'date'].map((format) => ({ type: 'string', format })) },
    read: (value) => {
      const time = read(value);
      return time !== null && isPrintable(time) ? time : undefined;
    },
  };
}
