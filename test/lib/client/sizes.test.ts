import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

const ROOT = join(__dirname, '../../..');

/** What makes drafts of events, in a ledger and in a client alike. */
const CONVERSION = [
  `import { createDrafter } from './lib/event/drafter'`,
  `import { sha256 } from './lib/crypto/sha256'`,
  `import { entryHash } from './lib/chain/entry'`,
  'globalThis.conversion = [createDrafter, sha256, entryHash]',
].join(';');

/** What else a client shares with a ledger: batches, receipts, scopes, signals, waits, the checks of options. */
const SHARED = [
  CONVERSION,
  `import { Batch } from './lib/write/batch'`,
  `import { ReceiptPromise } from './lib/write/receipt-promise'`,
  `import { Signals } from './lib/write/signals'`,
  `import { Capacity } from './lib/write/capacity'`,
  `import { Flush } from './lib/write/flush'`,
  `import { currentScope, runAs } from './lib/scope'`,
  `import { withTimeout } from './lib/util/timeout'`,
  `import { delay, OUTAGE } from './lib/write/backoff'`,
  `import * as options from './lib/recording-options'`,
  'globalThis.shared = [Batch, ReceiptPromise, Signals, Capacity, Flush, currentScope, runAs, options]',
  'globalThis.more = [withTimeout, delay, OUTAGE]',
].join(';');

const CLIENT = `export { createClient } from './lib/client/client'`;
const KIB = 1024;

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
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { bytes: code.length, gzipped: gzipSync(code, { level: 9 }).length, metafile };
}

describe('a bundle of the client', () => {
  it.each([
    ['all that it shares with a ledger', SHARED, 16 * KIB, 6 * KIB],
    ['the conversion of events', CONVERSION, 23 * KIB, 9 * KIB],
  ])('is small beside %s', async (_, code, bytes, gzipped) => {
    const shared = await bundle(code);
    const whole = await bundle(`${CLIENT};${code}`);
    expect(whole.bytes - shared.bytes).toBeLessThanOrEqual(bytes);
    expect(whole.gzipped - shared.gzipped).toBeLessThanOrEqual(gzipped);
  });

  it('has neither modules of Node.js nor of a framework or a database', async () => {
    const { metafile } = await bundle(`export * from './client'`);
    const packages = Object.keys(metafile.inputs).flatMap(
      (file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? [],
    );
    expect(new Set(packages)).toEqual(new Set(['uuidv7']));
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(imports).toEqual([]);
  });
});
