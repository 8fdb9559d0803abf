import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = join(__dirname, '../..');
const SOURCES = ['index.ts', 'bin', 'lib', 'middleware', 'models', 'test/support'];

/** The sources as JavaScript, for programs that a test starts so often that each must start fast. */
export interface Compiled {
  /** The compiled file of a source, named by its path from the root. */
  path(source: string): string;
  remove(): void;
}

/** Compiles the sources, into a folder from which their dependencies are found. */
export function compile(): Compiled {
  const parent = join(ROOT, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'audit-test-'));
  const target = (source: string) => join(folder, source.replace(/\.ts$/, '.js'));
  for (const source of SOURCES.flatMap(filesOf)) write(target(source), javaScript(source));
  return { path: target, remove: () => rmSync(folder, { recursive: true }) };
}

function filesOf(source: string): string[] {
  if (source.endsWith('.ts')) return [source];
  return readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && item.name.endsWith('.ts') && !item.name.endsWith('.test.ts'))
    .map((item) => relative(ROOT, join(item.parentPath, item.name)));
}

function javaScript(source: string): string {
  const text = readFileSync(join(ROOT, source), 'utf8');
  const { code } = transformSync(text, {
    filename: source,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  return code;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
