/**
 * The `Content-Disposition` among the headers given to `writeHead`, which `getHeader` may not return. `writeHead` takes
 * `{ name: value }`, `[name, value, name, value]` or `[[name, value], [name, value]]`.
 */
export function findContentDisposition(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const list: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers);
  const namesAndValues = Array.isArray(list[0]) ? list.flat() : list;
  const position = namesAndValues.findIndex((name, i) => i % 2 === 0 && isDisposition(name));
  return position < 0 ? undefined : namesAndValues[position + 1];
}

/** Whether a `Content-Disposition` makes the response a download. */
export function isAttachment(disposition: unknown): boolean {
  return typeof disposition === 'string' && /^\s*attachment/i.test(disposition);
}

function isDisposition(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'content-disposition';
}
