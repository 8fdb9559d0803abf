/** A document as the driver gives it. */
export type Document = Record<string, unknown> & { _id: unknown };

/** Makes BSON: of the driver that the documents came from. */
export type Serialize = (document: Record<string, unknown>) => Uint8Array;

/** Paths as a tree: `{ address: [{ city: true }] }` of `address.city`. What is below may be in several, and hold itself. */
export interface PathTree {
  [name: string]: readonly PathTree[] | true;
}

/** Any member of a map. */
export const ANY = '$*';

/** The longer of two paths that begin alike says nothing more. */
export function treeOf(paths: readonly string[]): PathTree {
  const root = emptyTree();
  for (const path of paths) {
    let tree = root;
    const names = path.split('.');
    const last = names.pop() ?? '';
    let isCovered = false;
    for (const name of names) {
      const inner = (tree[name] ??= [emptyTree()]);
      if (inner === true) isCovered = true;
      else tree = inner[0] as PathTree;
      if (isCovered) break;
    }
    if (!isCovered) tree[last] = true;
  }
  return root;
}

/** Names may be `__proto__`. */
export const emptyTree = (): PathTree => Object.create(null) as PathTree;

/** Names a document by its id: the same text for the same id. */
export function idKey(id: unknown, serialize: Serialize): string {
  const { _bsontype: type, toHexString } = (id ?? {}) as { _bsontype?: unknown; toHexString?: () => string };
  if (type === 'ObjectId' && toHexString) return toHexString.call(id);
  return Buffer.from(serialize({ id })).toString('latin1');
}

/** A document with these paths alone, and its id. */
export function pick(document: Document, tree: PathTree): Document {
  return picked(document, [{ ...tree, _id: true }]) as Document;
}

/** A document without these paths. */
export function omit(document: Document, trees: readonly PathTree[]): Document {
  return trees.length === 0 ? document : (omitted(document, trees) as Document);
}

function picked(value: unknown, trees: readonly PathTree[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => picked(item, trees));
  if (!isPlain(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const rule = ruleFor(trees, name);
    if (rule === undefined) return [];
    return [[name, rule === true ? member : picked(member, rule)]];
  });
  return Object.fromEntries(members);
}

function omitted(value: unknown, trees: readonly PathTree[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => omitted(item, trees));
  if (!isPlain(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const rule = ruleFor(trees, name);
    if (rule === true) return [];
    return [[name, rule === undefined ? member : omitted(member, rule)]];
  });
  return Object.fromEntries(members);
}

function ruleFor(trees: readonly PathTree[], name: string): PathTree[] | true | undefined {
  const below = new Set<PathTree>();
  for (const tree of trees) {
    const rule = Object.hasOwn(tree, name) ? tree[name] : tree[ANY];
    if (rule === true) return true;
    for (const inner of rule ?? []) below.add(inner);
  }
  return below.size === 0 ? undefined : [...below];
}

/** What stands at a path of a document. */
export function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split('.'))
    value = isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/**
 * The paths at which two states differ, such as `address.city`. An array, and a value that is no object in both, is one;
 * the id is none.
 */
export function changedPaths(
  before: Document | null,
  after: Document | null,
  serialize: Serialize,
): string[] {
  const paths: string[] = [];
  const compare = (one: Record<string, unknown>, other: Record<string, unknown>, prefix: string): void => {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const [left, right] = [memberOf(one, name), memberOf(other, name)];
      if (prefix === '' && name === '_id') continue;
      if (isPlain(left) && isPlain(right)) compare(left, right, `${prefix}${name}.`);
      else if (!isSame(left, right, serialize)) paths.push(prefix + name);
    }
  };
  compare(before ?? {}, after ?? {}, '');
  return paths;
}

function memberOf(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** As the database has them: `1` and `'1'`, or a date and its text, differ. */
function isSame(left: unknown, right: unknown, serialize: Serialize): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return Object.is(left, right);
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, i) => isSame(item, right[i], serialize));
  if (isPlain(left) && isPlain(right)) {
    const [names, others] = [Object.keys(left), Object.keys(right)];
    return (
      names.length === others.length &&
      names.every((name, i) => name === others[i] && isSame(left[name], right[name], serialize))
    );
  }
  return Buffer.from(serialize({ left })).equals(Buffer.from(serialize({ left: right })));
}

/** Whether a value is an embedded document, and not a value of the database such as an ObjectId. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || !('_bsontype' in value || isBuiltin(value));
}

function isBuiltin(value: object): boolean {
  return (
    value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value) || value instanceof Map
  );
}
