import type { Entry } from '../../chain/entry';
import type { JsonObject } from '../../chain/json';
import { isObject } from '../../util/complaints';
import type { FormatName } from '../destination';
import { type ActionTable, DEEDS, meanings, SUBJECTS } from './actions';
import { toEcs } from './ecs';
import { toOcsf, type UserClass } from './ocsf';

/** Gives an entry another form. What it gives should have `seq`, `hash` and `prevHash`, for gaps to show. */
export type Format = (entry: Entry) => JsonObject;

/** What the built-in forms can be told. */
export interface FormatOptions {
  /** What the application's own actions mean, by name; `org.*` stands for all that begin with `org.`. */
  actions?: ActionTable | undefined;
  /** The classes of OCSF for changes of users: 3001 and 3005, or 3007, which takes their place after 1.8. */
  users?: UserClass | undefined;
}

/** A form by its name, or the function that was given. */
export function createFormat(named: FormatName | Format, { actions, users }: FormatOptions = {}): Format {
  // What it does to an entry is not done to that which is delivered, or set aside by its place.
  if (typeof named === 'function') return (entry) => named(structuredClone(entry));
  if (named === 'native') return (entry) => entry as object as JsonObject;
  const meaningOf = meanings(actions);
  if (named === 'ecs') return (entry) => toEcs(entry, meaningOf(entry.action));
  return (entry) => toOcsf(entry, meaningOf(entry.action), users);
}

/** Whether a value is a table of what actions mean. */
export function isActionTable(value: unknown): value is ActionTable {
  const isOneOf = (choices: readonly string[], choice: unknown) => choices.includes(choice as string);
  return (
    isObject(value) &&
    Object.values(value).every(
      (meaning) => isObject(meaning) && isOneOf(SUBJECTS, meaning['on']) && isOneOf(DEEDS, meaning['does']),
    )
  );
}
