/** Values of the web's interfaces by their tags, of whatever implementation: Node.js's own, or a package's. */
const LISTS = new Set(['URLSearchParams', 'Headers', 'FormData']);

/** Names read of one, at most; a name that comes again makes its value an array. */
const MAX_PAIRS = 10_000;

/**
 * The parameters of `URLSearchParams`, `Headers` or `FormData` by their names, a file as its name, type and size;
 * `undefined` for any other object.
 */
export function webValue(object: object): Map<string, unknown> | object | undefined {
  const tag: unknown = (object as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag !== 'string' || Object.hasOwn(object, Symbol.toStringTag)) return undefined;
  if (tag === 'File' || tag === 'Blob') return fileOf(object);
  const { entries } = object as { entries?: () => Iterable<unknown> };
  if (!LISTS.has(tag) || typeof entries !== 'function') return undefined;
  const values = new Map<string, unknown>();
  let count = 0;
  for (const pair of entries.call(object)) {
    if (!Array.isArray(pair) || ++count > MAX_PAIRS) break;
    const [name, value] = pair as unknown[];
    const key = String(name);
    const before = values.get(key);
    if (!values.has(key)) values.set(key, value);
    else if (Array.isArray(before)) before.push(value);
    else values.set(key, [before, value]);
  }
  return values;
}

function fileOf(object: object): object | undefined {
  const { name, type, size } = object as { name?: unknown; type?: unknown; size?: unknown };
  return typeof size === 'number' ? { name, type, size } : undefined;
}
