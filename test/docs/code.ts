import ts from 'typescript';
import { type Block } from './markdown';
import { type Name, PRELUDES } from './preludes';

/** What a block declares at its top, and all that it names. */
export interface Names {
  /** Values alone. */
  declared: string[];
  exported: string[];
  /** Names of the page's prelude. */
  introduced: Name[];
}

/** Finds out what a block takes from its page's prelude: what it uses and does not declare itself. */
export function namesOf({ page, code }: Block): Names {
  const file = ts.createSourceFile('block.mts', code, ts.ScriptTarget.Latest, true);
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMember(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const values = file.statements.flatMap((statement) =>
    valuesOf(statement).map((name) => ({ name, exported: isExported(statement) })),
  );
  const declared = values.map(({ name }) => name);
  const taken = new Set([...declared, ...file.statements.flatMap(importsOf)]);
  const introduced = (PRELUDES[page] ?? []).filter((name) => used.has(name) && !taken.has(name));
  return {
    declared,
    exported: values.filter(({ exported }) => exported).map(({ name }) => name),
    introduced,
  };
}

function valuesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundBy(name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name ? [statement.name.text] : [];
  return [];
}

function boundBy(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundBy(element.name)));
}

function importsOf(statement: ts.Statement): string[] {
  if (!ts.isImportDeclaration(statement) || !statement.importClause) return [];
  const { name, namedBindings } = statement.importClause;
  const named =
    namedBindings && ts.isNamedImports(namedBindings)
      ? namedBindings.elements.map(({ name }) => name.text)
      : [];
  return [...(name ? [name.text] : []), ...named];
}

/** Whether it names a member of something, as in `a.member` and `{ member: a }`. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** What a block needs to be run. */
export interface Given {
  /** Values for the names of its prelude, and in place of globals such as `process`. */
  values: Partial<Record<Name, unknown>> & { process?: unknown };
  /** Paths and addresses of the text, and what stands for them here. */
  instead?: Record<string, string>;
}

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

/**
 * Runs a block as it stands, and gives what it declares.
 * @throws what the block throws; a `ReferenceError` where a name of its prelude is not given
 */
export async function runBlock(
  block: Block,
  { values, instead = {} }: Given,
): Promise<Record<string, unknown>> {
  const { declared, exported } = namesOf(block);
  const inner = declared.filter((name) => !exported.includes(name));
  const code = Object.entries(instead).reduce((text, [old, now]) => {
    if (!text.includes(old)) throw new Error(`${block.page}:${block.line} has no ${old}`);
    return text.replaceAll(old, now);
  }, block.code);
  const { outputText } = ts.transpileModule(`${code}\nexport { ${inner.join(', ')} };`, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
    },
  });
  const exports: Record<string, unknown> = {};
  const names = Object.keys(values);
  const run = new AsyncFunction('require', 'exports', ...names, outputText);
  await run(require, exports, ...Object.values(values));
  return exports;
}
