// Compiles the blocks that it is given as JSON, and answers with what is wrong. The compiler takes a third of the time in
// a process of its own: in Jest's sandbox whatever is global is looked up slowly.
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import ts from 'typescript';
import { namesOf } from './code';
import { type Block, ROOT } from './markdown';
import { AMBIENT, GLOBALS, NAMES } from './preludes';

const { options: OPTIONS } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
  ts.sys,
  ROOT,
);

/** Compiles blocks as one program, each a module of its own, and gives what is wrong as `page:line: message`. */
function errorsIn(blocks: readonly Block[]): string[] {
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

void json(process.stdin).then((blocks) => {
  process.stdout.write(JSON.stringify(errorsIn(blocks as Block[])));
});
