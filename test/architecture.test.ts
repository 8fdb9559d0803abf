import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import manifest from '../package.json';

const ROOT = join(__dirname, '..');

/** Folders of sources, whose files may not import each other in a circle. */
const SOURCES = ['lib', 'models', 'middleware', 'bin', 'viewer'];

/** Rooms of lib that run wherever JavaScript does, but for their files called node.ts. */
const ANYWHERE = ['util', 'crypto', 'chain', 'event', 'tree', 'notes', 'evidence/check', 'client'];

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && /\.tsx?$/.test(item.name))
    .map((item) => join(item.parentPath, item.name));
}

/** The files that a file imports, also for types alone. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const path = resolve(dirname(file), fileName.replace(/\.js$/, ''));
    return [`${path}.ts`, `${path}.tsx`].filter(existsSync);
  });
}

/** A circle of imports, or null. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle) return circle.map((each) => relative(ROOT, each));
  }
  return null;
}

/**
 * The entries of the package, by their names there: the file, and the peers that they may load. None loads a framework that an
 * application passes in: Nest's decorators and Hono's router are called by those who have them.
 */
const ENTRIES: [name: string, file: string, peers: string[]][] = [
  ['.', 'index.ts', ['mongoose']],
  ['./testing', 'testing.ts', []],
  ['./client', 'client.ts', []],
  ['./client/spool', 'client-spool.ts', []],
  ['./collector', 'collector.ts', ['mongoose']],
  ['./streams', 'streams.ts', []],
  ['./fastify', 'middleware/fastify/index.ts', ['mongoose']],
  ['./koa', 'middleware/koa/index.ts', ['mongoose']],
  ['./nest', 'middleware/nest/index.ts', ['mongoose']],
  ['./next', 'middleware/next/index.ts', ['mongoose']],
  ['./hono', 'middleware/hono/index.ts', ['mongoose', 'hono']],
];

/**
 * The packages in the closure of a file's imports.
 * @param kind of import, as esbuild names it: `import-statement` is carried out when the file is loaded
 */
async function packagesOf(file: string, kind: RegExp): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, file)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm', // so that an `import` is told from a call of `require`
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const packages = imports.filter((one) => kind.test(one.kind)).map(({ path }) => path);
  return [...new Set(packages)].filter((path) => !path.startsWith('node:'));
}

describe('the sources', () => {
  it('import each other in no circle, not for types either', () => {
    const files = [...new Set([...SOURCES.flatMap(filesIn), ...ENTRIES.map(([, file]) => join(ROOT, file))])];
    const graph = new Map(files.map((file) => [file, importsOf(file)]));
    expect([...graph.values()].flat().length).toBeGreaterThan(files.length);
    expect(circleIn(graph)).toBeNull();
  });

  it('would be found in one', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['d', ['b']],
    ]);
    expect(circleIn(graph)).toHaveLength(3);
  });

  it.each(ENTRIES)(
    'of the entry %s load no framework, and no package that may be absent',
    async (name, file, peers) => {
      const loaded = await packagesOf(file, /-statement$/);
      // The destinations need no package at all.
      expect(loaded.includes('uuidv7')).toBe(name !== './streams');
      // What an application may not have is not among these.
      expect([...Object.keys(manifest.dependencies), ...peers]).toEqual(expect.arrayContaining(loaded));
    },
  );

  it('of every entry are tried, and each framework is an optional peer', () => {
    const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json');
    expect(ENTRIES.map(([name]) => name).sort()).toEqual(entries.sort());
    const optional = Object.keys(manifest.peerDependenciesMeta);
    expect(Object.keys(manifest.peerDependencies).filter((name) => !optional.includes(name))).toEqual([
      'mongoose',
    ]);
  });

  it('call Express only when its router is made', async () => {
    const all = await packagesOf('index.ts', /./);
    expect(all).toContain('express');
  });

  it.each(ANYWHERE)('of lib/%s make a bundle for a browser', async (room) => {
    const files = filesIn(`lib/${room}`).filter((file) => !file.endsWith('/node.ts'));
    expect(files.length).toBeGreaterThan(1);
    const { errors, metafile } = await build({
      stdin: { contents: files.map((file) => `import ${JSON.stringify(file)};`).join(''), resolveDir: ROOT },
      bundle: true,
      platform: 'browser',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    expect(errors).toEqual([]);
    expect(Object.keys(metafile.inputs).length).toBeGreaterThan(files.length);
    // Buffer and process would be missing there, and no bundler says so.
    for (const file of files)
      expect(readFileSync(file, 'utf8')).not.toMatch(/\b(Buffer\.|process\.|require\()/);
  });
});
