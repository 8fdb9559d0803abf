import { utf8Length } from '../util/utf8';
import { byMember } from '../chain/members';
import type { Draft } from '../chain/entry';
import { isObject } from '../util/complaints';
import { AuditError } from '../errors';
import { OUTCOMES } from '../vocabulary';
import { parseInstant } from './instant';
import type { DraftedEvent } from './drafter';

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed();
/** Characters of a draft's text, at most: three values of 512 KiB, and the names and context of the event. */
export const MAX_LENGTH = 2 * 1024 * 1024;

/** Values within a value of 512 KiB, at most: each takes two bytes there. */
const MAX_VALUES = 256 * 1024;

/** Nothing that the recorder made is nested as deep. The database takes no more than some 100 levels. */
const MAX_DEPTH = 64;

/** What tells that the members of a draft are whole, docs/formats.md §2. */
const RULES = new Map(
  byMember<(value: unknown) => boolean>({
    version: (value) => value === 1,
    text: isText,
    seq: Number.isSafeInteger,
    instant: isInstant,
    hash: isText,
    outcome: (value) => (OUTCOMES as readonly unknown[]).includes(value),
    actorType: isText,
    object: isStorableObject,
    json: isStorable,
    commitments: isStorableObject,
  })
    .filter(([, { from }]) => from === 'event')
    .map(([name, { isRequired }, is]) => [name as string, { isRequired, is }]),
);

/** A drafted event as JSON, to be kept outside of memory until it is linked. */
export function serializeDraft({ draft, occurredAtGiven }: DraftedEvent): string {
  return JSON.stringify({ draft, occurredAtGiven });
}

/**
 * The drafted event of a text that `serializeDraft` gave.
 * @throws AuditError `UNREADABLE` for any other: somebody else may have written it.
 */
export function parseDraft(text: string): DraftedEvent {
  if (text.length > MAX_LENGTH) throw unreadable('it is longer than any');
  const value = parseJson(text);
  if (!isObject(value) || Object.keys(value).length !== 2) throw unreadable('it is no draft');
  const { draft, occurredAtGiven } = value;
  if (typeof occurredAtGiven !== 'boolean' || !isObject(draft)) throw unreadable('it is no draft');
  for (const name of Object.keys(draft)) {
    if (!RULES.has(name)) throw unreadable('a draft has no such member');
  }
  for (const [name, { isRequired, is }] of RULES) {
    const given = Object.hasOwn(draft, name);
    if (given ? !is(draft[name]) : isRequired)
      throw unreadable(`its member ${name} is missing or of another type`);
  }
  return { draft: draft as object as Draft, occurredAtGiven, bytes: utf8Length(text) };
}

function isStorableObject(value: unknown): boolean {
  return isObject(value) && isStorable(value);
}

/** What the database refuses would be tried for ever, and hold up its tenant. */
function isStorable(value: unknown): boolean {
  return new Storable().has(value, 0);
}

/** Looks through a value, and no farther than any that the recorder made. */
class Storable {
  private count = 0;

  has(value: unknown, depth: number): boolean {
    if (++this.count > MAX_VALUES) return false;
    if (typeof value === 'string') return value.isWellFormed(); // a lone surrogate may hide behind an escape
    if (typeof value === 'number') return Number.isFinite(value); // 1e999 is none
    if (typeof value !== 'object' || value === null) return true;
    if (depth >= MAX_DEPTH) return false;
    if (Array.isArray(value)) return this.hasAll(value, depth + 1);
    const names = Object.keys(value);
    return (
      names.every((name) => !name.includes('\0') && name.isWellFormed()) &&
      this.hasAll(Object.values(value), depth + 1)
    );
  }

  private hasAll(values: readonly unknown[], depth: number): boolean {
    for (const value of values) if (!this.has(value, depth)) return false;
    return true;
  }
}

function isInstant(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const time = parseInstant(value);
  return time !== null && new Date(time).toISOString() === value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable('it is no JSON', error);
  }
}

function unreadable(why: string, cause?: unknown): AuditError {
  return new AuditError(
    'UNREADABLE',
    `An event that was kept until it could be linked cannot be read: ${why}.`,
    {
      cause,
    },
  );
}
