import { parseDay } from '../../event/instant';
import { Refusal } from './problems';

/** The members of an object that was read from a file: nothing is known of them yet. */
export type Members = Record<string, unknown>;

/** @throws Refusal for what is no object. */
export function assertObject(value: unknown, subject: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new Refusal('unreadable', null, `${subject} of the file holds no JSON object.`);
}

/** Whether a value can be the number of an entry. */
export function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DAY_LENGTH = '2026-11-21'.length;

/** The day that was found in the calendar last: neighbours have the same more often than not. */
let lastDay = '';

/** Whether a value is an instant in the one form that is hashed: ISO 8601, UTC, milliseconds. */
export function isInstant(value: unknown): value is string {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  const day = value.slice(0, DAY_LENGTH);
  if (day !== lastDay && parseDay(day) === null) return false;
  lastDay = day;
  return true;
}
