/** Lists of names and values, of whatever implementation: Node.js's own, or a package's. */
const LISTS = new Set(['URLSearchParams', 'Headers', 'FormData']);

/** The names and values of `URLSearchParams`, `Headers` or `FormData`; null for any other object. */
export function webPairs(object: object): Iterator<unknown> | null {
  const tag = inheritedTag(object);
  const { entries } = object as { entries?: () => Iterable<unknown> };
  if (!LISTS.has(tag) || typeof entries !== 'function') return null;
  return entries.call(object)[Symbol.iterator]();
}

/** Values by their names. A name that comes again makes its value an array. */
export function byName(pairs: readonly unknown[]): Map<string, unknown> {
  const values = new Map<string, unknown[]>();
  for (const pair of pairs) {
    const [name, value] = pair as unknown[];
    const before = values.get(String(name));
    if (before) before.push(value);
    else values.set(String(name), [value]);
  }
  return new Map(Array.from(values, ([name, all]) => [name, all.length > 1 ? all : all[0]]));
}

/** A file as its name, type and size; `undefined` for any other object. */
export function fileOf(object: object): object | undefined {
  const tag = inheritedTag(object);
  if (tag !== 'File' && tag !== 'Blob') return undefined;
  const { name, type, size } = object as { name?: unknown; type?: unknown; size?: unknown };
  return typeof size === 'number' ? { name, type, size } : undefined;
}

function inheritedTag(object: object): string {
  if (Object.hasOwn(object, Symbol.toStringTag)) return '';
  const tag: unknown = (object as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return typeof tag === 'string' ? tag : '';
}
