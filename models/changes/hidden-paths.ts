import { ANY, emptyTree, type PathTree } from './documents';

/** What is read of a schema of Mongoose's. */
export interface AnySchema {
  paths: Record<string, AnyType>;
  discriminators?: Record<string, AnySchema> | undefined;
}

interface AnyType {
  options?: { select?: unknown } | undefined;
  /** Of an embedded document, and of an array of them. */
  schema?: AnySchema | undefined;
  /** Of a map: the type of its members. */
  $__schemaType?: AnyType | undefined;
  /** Of an array: the type of its items, by the names that it has in Mongoose 8 and 9. */
  caster?: AnyType | undefined;
  embeddedSchemaType?: AnyType | undefined;
}

/**
 * The paths that queries leave out unless they are asked for: `select: false`, also in what is embedded, however deep a schema
 * holds itself.
 * @param only paths that are asked for
 */
export function hiddenTrees(schemas: readonly AnySchema[], only: readonly string[] = []): PathTree[] {
  const known = new Map<AnySchema, PathTree>();
  const trees = schemas.flatMap((schema) => treesOf(schema, known));
  return only.reduce((hidden, path) => revealed(hidden, path.split('.')), trees);
}

/** The paths of trees: of a schema that holds itself, up to there. */
export function pathsIn(trees: readonly PathTree[]): string[] {
  const paths = new Set<string>();
  const visit = (tree: PathTree, prefix: string, within: readonly PathTree[]): void => {
    for (const [name, rule] of Object.entries(tree)) {
      if (rule === true) paths.add(prefix + name);
      else
        for (const inner of rule)
          if (!within.includes(inner)) visit(inner, `${prefix}${name}.`, [...within, inner]);
    }
  };
  for (const tree of trees) visit(tree, '', [tree]);
  return [...paths];
}

function treesOf(schema: AnySchema, known: Map<AnySchema, PathTree>): PathTree[] {
  const before = known.get(schema);
  const tree = before ?? emptyTree();
  if (!before) {
    known.set(schema, tree);
    for (const [path, type] of Object.entries(schema.paths)) addPath(tree, path.split('.'), type, known);
  }
  const others = Object.values(schema.discriminators ?? {}).filter((other) => other !== schema);
  return [tree, ...others.flatMap((other) => treesOf(other, known))];
}

function addPath(
  tree: PathTree,
  [name = '', ...rest]: readonly string[],
  type: AnyType,
  known: Map<AnySchema, PathTree>,
): void {
  if (tree[name] === true) return;
  if (rest.length > 0) {
    const inner = emptyTree();
    addPath(inner, rest, type, known);
    add(tree, name, [inner]);
  } else if (type.options?.select === false) tree[name] = true;
  else add(tree, name, embedded(type, known));
}

/** What is embedded in a value of a type. Arrays have no level of their own. */
function embedded(type: AnyType, known: Map<AnySchema, PathTree>): PathTree[] {
  if (type.schema) return treesOf(type.schema, known);
  const { $__schemaType: member, caster, embeddedSchemaType: item = caster } = type;
  if (member) {
    const inner = emptyTree();
    if (member.options?.select === false) inner[ANY] = true;
    else add(inner, ANY, embedded(member, known));
    return [inner];
  }
  return item ? embedded(item, known) : [];
}

function add(tree: PathTree, name: string, inner: readonly PathTree[]): void {
  const rule = tree[name];
  if (rule === true || inner.length === 0) return;
  tree[name] = [...(rule ?? []), ...inner];
}

/** Trees without a path, or without the one that it is in. What is embedded is elsewhere, too, so it is copied. */
function revealed(trees: readonly PathTree[], [name = '', ...rest]: readonly string[]): PathTree[] {
  return trees.map((tree) => {
    const rule = tree[name];
    if (rule === undefined) return tree;
    const others = Object.entries(tree).filter(([other]) => other !== name);
    const inner = rule === true ? [] : rest.length > 0 ? revealed(rule, rest) : rule;
    const copy = Object.assign(emptyTree(), Object.fromEntries(others));
    add(copy, name, inner);
    return copy;
  });
}
