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

describe('the sources', () => {
  it('import each other in no circle, not for types either', () => {
    const files = [
      ...SOURCES.flatMap(filesIn),
      join(ROOT, 'index.ts'),
      join(ROOT, 'testing.ts'),
      join(ROOT, 'client.ts'),
      join(ROOT, 'collector.ts'),
    ];
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

  it('of createTestAudit need neither Mongoose nor Express', async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'testing.ts')],
      bundle: true,
      packages: 'external',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    const packages = imports.map(({ path }) => path).filter((path) => !path.startsWith('node:'));
    expect(packages).toContain('uuidv7');
    // Peers are not among these.
    expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(packages));
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
