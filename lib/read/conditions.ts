import type { Entry } from '../chain/entry';
import type { Json } from '../chain/json';
import type { ActionFilter, EntryFilter } from '../store/store';
import { isObject } from '../util/complaints';
import type { Outcome } from '../vocabulary';
import { listOf } from './rules';

/**
 * What no index tells: entries are looked at one by one. Texts are those of the query, which are compared and never run:
 * there are no regular expressions among them. Each list means any of its values, or none of those of `not`.
 */
export interface Conditions {
  notActor?: readonly string[];
  notAction?: readonly ActionFilter[];
  notOutcome?: readonly Outcome[];
  resourceType?: readonly string[];
  notResourceType?: readonly string[];
  onBehalfOf?: readonly string[];
  ipAddress?: readonly string[];
  requestId?: readonly string[];
  /** Milliseconds since 1970. */
  occurredFrom?: number;
  occurredTo?: number;
  /** In lower case. Each must be somewhere in what the entry says. */
  words?: readonly string[];
}

/** Whether an entry fulfils all conditions. */
export function fulfils(conditions: Conditions, entry: Entry): boolean {
  const { ipAddress, requestId } = isObject(entry.context) ? entry.context : {};
  const { occurredFrom = -Infinity, occurredTo = Infinity, words } = conditions;
  return (
    isAny(conditions.resourceType, entry.resourceType) &&
    isAny(conditions.onBehalfOf, entry.onBehalfOf) &&
    isAny(conditions.ipAddress, ipAddress) &&
    isAny(conditions.requestId, requestId) &&
    !isAmong(conditions.notActor, entry.actor) &&
    !isAmong(conditions.notOutcome, entry.outcome) &&
    !isAmong(conditions.notResourceType, entry.resourceType) &&
    !(conditions.notAction ?? []).some((filter) => isAction(filter, entry.action)) &&
    isWithin(Date.parse(entry.occurredAt), occurredFrom, occurredTo) &&
    (words === undefined || holds(textOf(entry), words))
  );
}

/** Whether a filter lets an entry through, as the database compares it. */
export function passes({ actor, action, resource, outcome }: EntryFilter, entry: Entry): boolean {
  return (
    isAny(actor === undefined ? undefined : listOf(actor), entry.actor) &&
    isAny(resource === undefined ? undefined : listOf(resource), entry.resource) &&
    isAny(outcome === undefined ? undefined : listOf(outcome), entry.outcome) &&
    (action === undefined || listOf(action).some((filter) => isAction(filter, entry.action)))
  );
}

function isAny(values: readonly string[] | undefined, value: unknown): boolean {
  return values === undefined || isAmong(values, value);
}

/** In UTF-8, as which a database is asked, half of a surrogate pair is the replacement character. */
function isAmong(values: readonly string[] | undefined, value: unknown): boolean {
  return values?.some((each) => each.toWellFormed() === value) ?? false;
}

function isAction({ name, prefix }: ActionFilter, action: string): boolean {
  const text = name.toWellFormed();
  return prefix ? action.startsWith(text) : action === text;
}

function isWithin(time: number, from: number, to: number): boolean {
  return from <= time && time < to;
}

/** The words of a text, in the form in which they are looked for. */
export function wordsOf(text: string): string[] {
  return [...new Set(folded(text.toWellFormed()).split(/\s+/))].filter((word) => word !== '');
}

function holds(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** What an entry says: names and values, but no hashes. */
function textOf({ hash: _, prevHash: __, v: ___, tenantId: ____, ...said }: Entry): string {
  const texts: string[] = [];
  collect(said as object as Json, texts);
  return folded(texts.join('\n'));
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Entries are not nested deeper than their format allows, so this ends. */
function collect(value: Json, texts: string[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, texts);
  else if (isObject(value))
    for (const [name, member] of Object.entries(value)) {
      texts.push(name);
      collect(member, texts);
    }
  else if (value !== null) texts.push(String(value));
}
