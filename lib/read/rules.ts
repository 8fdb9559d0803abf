import { isTenantId, TENANT_ID_LENGTH, TENANT_ID_RULE } from '../event/tenant-id';
import { isDate } from '../event/builtin';
import { ACTOR_LIMIT, cutText, isLongerThan, keptId, TEXT_LIMIT } from '../event/size-limit';
import { sha256 } from '../crypto/node';
import { DAY, isPrintable, LAST, parseDay, parseInstant } from '../event/instant';
import { OUTCOMES, type Outcome } from '../vocabulary';

/** What a parameter may be, as JSON Schema: what OpenAPI says of it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Gives what a parameter says, or undefined when it breaks its rule. */
export interface Rule<T> {
  rule: string;
  schema: Schema;
  /** Whether a request may give it several times. */
  isRepeatable?: true;
  /** Whether it is known only to be refused: OpenAPI does not tell of it. */
  isRefused?: true;
  read: (value: unknown) => T | undefined;
}

/** One, or several of which any will do. */
export type OneOrMore<T> = T | readonly T[];

/** Values of one filter at the most. */
const MOST = 20;

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
/** A text of the context, in the form that entries keep of one that is too long for them. */
export const CONTEXT_TEXT: Rule<string> = {
  ...TEXT,
  read: (value) => (typeof value === 'string' ? cutText(value.toWellFormed(), TEXT_LIMIT) : undefined),
};
/** Words to look for: so few that a look at an entry is short. */
export const WORDS: Rule<string> = {
  rule: 'a text of 1 to 200 characters',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  read: (value) =>
    typeof value === 'string' && value.trim() !== '' && !isLongerThan(value, 200) ? value : undefined,
};
/** What is on or off. */
export const FLAG: Rule<boolean> = {
  rule: 'true or false',
  schema: { type: 'boolean' },
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};
export const OUTCOME = oneOfRule(OUTCOMES);
/** An outcome, or with `!` all others. */
export const OUTCOME_OR_NOT: Rule<Outcome | `!${Outcome}`> = oneOfRule([
  ...OUTCOMES,
  ...OUTCOMES.map((outcome) => `!${outcome}` as const),
]);
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

/** One value of a rule, or a list of them: only they themselves reach a filter, whatever else a list may have. */
export function oneOrMore<T>(each: Rule<T>): Rule<OneOrMore<T>> {
  return {
    rule: `${each.rule}, or a list of 1 to ${MOST} of these`,
    schema: { type: 'array', items: each.schema, minItems: 1, maxItems: MOST },
    isRepeatable: true,
    read: (value) => {
      if (!Array.isArray(value)) return each.read(value);
      if (value.length === 0 || value.length > MOST) return undefined;
      const values = Array.from(value as unknown[], (one) => each.read(one));
      return values.every((one) => one !== undefined) ? values : undefined;
    },
  };
}

/** What must not be given here, and why: a clearer answer than that it is not known. */
export function refusedRule(rule: string): Rule<never> {
  return { rule, schema: {}, isRefused: true, read: () => undefined };
}

/** The list of what is one or several. */
export function listOf<T>(values: OneOrMore<T> | undefined): readonly T[] {
  if (values === undefined) return [];
  return Array.isArray(values) ? (values as readonly T[]) : [values as T];
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
