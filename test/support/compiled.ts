import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';
import { buildSync } from 'esbuild';
import { compiledPath, isCompiled, shareCompiled } from './compiled-path';

const ROOT = join(__dirname, '../..');
const SOURCES = [
  'index.ts',
  'client.ts',
  'client-spool.ts',
  'collector.ts',
  'streams.ts',
  'bin',
  'lib',
  'middleware',
  'models',
  'test/support',
  'viewer/files.ts',
];

/**
 * Compiles the sources once for all tests of a run: the programs that tests start so often must start fast. The folder
 * is one from which their dependencies are found.
 */
export function compileSources(): void {
  const parent = join(ROOT, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  shareCompiled(mkdtempSync(join(parent, 'audit-test-')));
  for (const source of SOURCES.flatMap(filesOf)) {
    const path = compiledPath(source);
    mkdirSync(dirname(path), { recursive: true });
    if (source.endsWith('.ts')) writeFileSync(path, javaScript(source));
    else copyFileSync(join(ROOT, source), path); // what the stand-in for a database reads and runs
  }
  bundle('mongoose');
}

/** A package as one file, where those programs find it first: to load hundreds is most of what a start costs. */
function bundle(name: string): void {
  buildSync({
    entryPoints: [require.resolve(name)],
    outfile: compiledPath(`node_modules/${name}/index.js`),
    bundle: true,
    platform: 'node',
    logLevel: 'error',
  });
}

/** Removes what `compileSources` has made. */
export function removeCompiled(): void {
  if (isCompiled()) rmSync(compiledPath('.'), { recursive: true, force: true });
}

function filesOf(source: string): string[] {
  if (source.endsWith('.ts')) return [source];
  return readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && !item.name.endsWith('.test.ts'))
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
