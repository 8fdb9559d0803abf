const MINUTE = 60_000;

/** An instant as a field for local dates and times has it; empty for what is none. */
export function localTimeOf(time: number | null): string {
  if (time === null) return '';
  const local = time - new Date(time).getTimezoneOffset() * MINUTE;
  return new Date(local).toISOString().slice(0, '2026-11-22T10:00'.length);
}

/** The instant that such a field means; empty for what is none. */
export function instantOfLocal(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
