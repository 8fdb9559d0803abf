const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Milliseconds of a day. */
export const DAY = 86_400_000;

/** Bounds of what RFC 3339 can print: the years 0000 to 9999. */
const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
export const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Milliseconds since 1970 of an RFC 3339 date-time, cut to milliseconds; null when `text` is none. */
export function parseInstant(text: string): number | null {
  const match = RFC3339.exec(text.toUpperCase());
  if (!match || parseDay(match[1] ?? '') === null) return null;
  const time = Date.parse(match[0]);
  return isPrintable(time) ? time : null;
}

/** Milliseconds since 1970 of the start of a UTC day written as `2026-11-21`; null when `text` is none. */
export function parseDay(text: string): number | null {
  if (!DATE.test(text)) return null;
  const time = Date.parse(`${text}T00:00:00.000Z`);
  // Date.parse takes 31 February for a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? time : null;
}

/** Whether an instant has a four-digit year, so that its ISO string has the one form that is hashed. */
export function isPrintable(time: number): boolean {
  return time >= FIRST && time <= LAST;
}

/** Seconds whose texts are remembered, each in the place of its number modulo these. */
const SECONDS = 64;
const seconds = new Float64Array(SECONDS).fill(NaN);
const texts: string[] = [];

/** The ends of instants: `.000Z` to `.999Z`. */
const ENDS = Array.from({ length: 1_000 }, (_, ms) => `.${String(ms).padStart(3, '0')}Z`);

/**
 * An instant as it is hashed: ISO 8601, UTC, milliseconds. Printing takes longer than all else about a date, and the
 * instants of neighbours are of few seconds.
 */
export function isoText(time: number): string {
  const whole = Math.trunc(time);
  const second = Math.floor(whole / 1_000);
  const place = second & (SECONDS - 1);
  if (seconds[place] !== second) {
    texts[place] = new Date(whole).toISOString().slice(0, -'.000Z'.length);
    seconds[place] = second;
  }
  return (texts[place] as string) + (ENDS[whole - second * 1_000] as string);
}
