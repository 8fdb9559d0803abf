/**
 * The `Content-Disposition` among the headers that `writeHead` takes, of which `getHeader` may not know: as an object,
 * as names and values in turn, or in pairs.
 */
export function findContentDisposition(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const list: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers);
  const turns = Array.isArray(list[0]) ? list.flat() : list;
  const position = turns.findIndex((name, i) => i % 2 === 0 && isDisposition(name));
  return position < 0 ? undefined : turns[position + 1];
}

/** Whether a `Content-Disposition` says that a response is a download. */
export function isAttachment(disposition: unknown): boolean {
  return typeof disposition === 'string' && /^\s*attachment/i.test(disposition);
}

function isDisposition(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'content-disposition';
}
