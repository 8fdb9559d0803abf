/**
 * A header among those given to `writeHead`, which `getHeader` may not return. `writeHead` takes `{ name: value }`,
 * `[name, value, name, value]` or `[[name, value], [name, value]]`.
 */
export function findHeader(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const list: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers);
  const namesAndValues = Array.isArray(list[0]) ? list.flat() : list;
  const position = namesAndValues.findIndex((given, i) => i % 2 === 0 && isNamed(given, name));
  return position < 0 ? undefined : namesAndValues[position + 1];
}

/** Whether a `Content-Disposition` makes the response a download. */
export function isAttachment(disposition: unknown): boolean {
  return texts(disposition).some((text) => /^\s*attachment/i.test(text));
}

/** How a `Cache-Control` lets shared caches keep a response (RFC 9111 §5.2.2.9): not, for no time, or for longer. */
export function publicLifetime(cacheControl: unknown): 'none' | 'zero' | 'some' {
  const directives = texts(cacheControl).join(',').toLowerCase().split(',');
  const names = new Set(directives.map((directive) => directive.trim()));
  if (!names.has('public')) return 'none';
  return names.has('max-age=0') && !names.has('immutable') ? 'zero' : 'some';
}

function isNamed(given: unknown, name: string): boolean {
  return typeof given === 'string' && given.toLowerCase() === name;
}

function texts(header: unknown): string[] {
  return (Array.isArray(header) ? header : [header]).filter((text) => typeof text === 'string');
}
