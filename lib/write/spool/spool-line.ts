import { parseDraft } from '../../event/draft-json';
import type { DraftedEvent } from '../../event/drafter';
import { sha256 } from '../../crypto/node';

/** Hex digits of the SHA-256 in front of the text: they detect damage, not an attacker who can write the file. */
const DIGITS = 16;

/** A line: an event; the first of repeated events (a fold); one repetition of that. */
export type Line =
  | { kind: 'event'; drafted: DraftedEvent }
  | { kind: 'fold'; drafted: DraftedEvent }
  | { kind: 'repeat'; id: string; at: string };

const LETTERS = { event: 'e', fold: 'f', repeat: 'r' } as const;
const REPEAT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([^ ]+)$/;

/** The line of an event. `text` is the result of `serializeDraft`. */
export function eventLine(text: string): string {
  return withChecksum(LETTERS.event + text);
}

/** The line of the first of repeated events. */
export function foldLine(text: string): string {
  return withChecksum(LETTERS.fold + text);
}

/** The line of one repetition, at an ISO instant, of the fold with that id. */
export function repeatLine(id: string, at: string): string {
  return withChecksum(`${LETTERS.repeat}${at} ${id}`);
}

/** Parses a line without its line break; null when it is damaged. */
export function readLine(line: string): Line | null {
  const text = line.slice(DIGITS + 1);
  if (line !== `${checksum(text)} ${text}`) return null;
  try {
    return parsed(text.charAt(0), text.slice(1));
  } catch {
    return null; // a valid checksum, but no line of the spool
  }
}

function parsed(letter: string, text: string): Line | null {
  if (letter === LETTERS.event) return { kind: 'event', drafted: parseDraft(text) };
  if (letter === LETTERS.fold) return { kind: 'fold', drafted: parseDraft(text) };
  const [, at, id] = REPEAT.exec(text) ?? [];
  return letter === LETTERS.repeat && at && id ? { kind: 'repeat', id, at } : null;
}

function withChecksum(text: string): string {
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return sha256(text).slice(0, DIGITS);
}
