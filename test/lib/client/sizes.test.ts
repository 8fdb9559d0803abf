import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

const ROOT = join(__dirname, '../../..');

/** What a client needs to make drafts of events, as a ledger does. */
const CONVERSION = [
  `import { createDrafter } from './lib/event/drafter'`,
  `import { sha256 } from './lib/crypto/sha256'`,
  `import { entryHash } from './lib/chain/entry'`,
  'globalThis.conversion = [createDrafter, sha256, entryHash]',
].join(';');

async function bundle(contents: string): Promise<{ bytes: number; gzipped: number; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [{ contents: code }] = outputFiles as [{ contents: Uint8Array }];
  return { bytes: code.length, gzipped: gzipSync(code, { level: 9 }).length, metafile };
}

describe('a bundle of the client', () => {
  it('is small beside the conversion that it shares with the ledger', async () => {
    const shared = await bundle(CONVERSION);
    const whole = await bundle(`export * from './client';${CONVERSION}`);
    expect(whole.bytes - shared.bytes).toBeLessThanOrEqual(BOUNDS.bytes);
    expect(whole.gzipped - shared.gzipped).toBeLessThanOrEqual(BOUNDS.gzipped);
  });

  it('has neither modules of Node.js nor of a framework or a database', async () => {
    const { metafile } = await bundle(`export * from './client'`);
    const packages = Object.keys(metafile.inputs).flatMap((file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? []);
    expect(new Set(packages)).toEqual(new Set(['uuidv7']));
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(imports).toEqual([]);
  });
});
