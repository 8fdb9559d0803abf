import { join } from 'node:path';
import ts from 'typescript';
import { type Block, ROOT } from './markdown';
import { AMBIENT, GLOBALS, type Name, NAMES, PRELUDES } from './preludes';

const { options: OPTIONS } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
  ts.sys,
  ROOT,
);

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

/** Compiles blocks as one program, each a module of its own, and gives what is wrong as `page:line: message`. */
export function errorsIn(blocks: readonly Block[]): string[] {
  const sources = new Map<string, string>([
    [virtual('globals.d.mts'), GLOBALS],
    [virtual('ambient.d.ts'), AMBIENT],
  ]);
  const byFile = new Map<string, Block>();
  for (const [index, block] of blocks.entries()) {
    const file = virtual(`block-${index}.mts`);
    byFile.set(file, block);
    sources.set(file, moduleOf(block));
  }
  const program = ts.createProgram([...sources.keys()], { ...OPTIONS, types: ['node'] }, hostOf(sources));
  // What the blocks import is compiled elsewhere.
  const files = [...byFile.keys()].map((name) => program.getSourceFile(name));
  const diagnostics = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  return [...program.getOptionsDiagnostics(), ...diagnostics].map((each) => messageOf(each, byFile));
}

const virtual = (name: string): string => join(ROOT, 'test/docs/blocks', name).replaceAll('\\', '/');

/** The prelude stands behind, so that lines are those of the block. */
function moduleOf(block: Block): string {
  const prelude = namesOf(block).introduced.map((name) => `declare const ${name}: ${NAMES[name]};`);
  return [block.code, ...prelude, 'export {};'].join('\n');
}

function hostOf(sources: Map<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  const onDisk = { ...host };
  host.fileExists = (name) => sources.has(name) || onDisk.fileExists(name);
  host.readFile = (name) => sources.get(name) ?? onDisk.readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const text = sources.get(name);
    return text === undefined
      ? onDisk.getSourceFile(name, ...rest)
      : ts.createSourceFile(name, text, rest[0], true);
  };
  return host;
}

function messageOf({ file, start = 0, messageText }: ts.Diagnostic, blocks: Map<string, Block>): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const block = file && blocks.get(file.fileName);
  if (!block) return `${file?.fileName ?? 'the options'}: ${message}`;
  return `${block.page}:${block.line + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
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
