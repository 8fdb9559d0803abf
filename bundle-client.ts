import { join } from 'node:path';
import { build } from 'esbuild';

/** Errors stay a file of their own: code that takes a ledger or a client knows one class of them. */
const ERRORS = { from: /\/errors$/, to: './lib/errors.js' };

/**
 * Makes one file of the client, in place of the seventy that it is compiled to: a function without a database starts with each
 * request, and most of that time was looking for files.
 */
async function bundleClient(): Promise<void> {
  await build({
    entryPoints: [join(__dirname, 'client.ts')],
    outfile: join(__dirname, 'dist', 'client.js'),
    bundle: true,
    platform: 'node', // for the names of the exports, which `import` looks for
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    plugins: [
      {
        name: 'errors',
        setup: (made) => made.onResolve({ filter: ERRORS.from }, () => ({ path: ERRORS.to, external: true })),
      },
    ],
  });
}

void bundleClient();
