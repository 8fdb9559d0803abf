/** A value as it may stand in an error message: short, on one line. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value, 60));
  if (value === null || ['number', 'boolean', 'bigint', 'undefined'].includes(typeof value))
    return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The first characters of a text that has more than so many. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
