import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { build } from 'esbuild';
import { auditCollector } from '../../collector';
import { createTestAudit } from '../../testing';
import { freePort } from '../support/free-port';

const PACKAGES = ['deno@2.9.6', 'bun@1.4.5', 'workerd@1.20261117.1', '@edge-runtime/vm@5.0.0'];
const run = promisify(execFile);

/** What each runtime must give. */
const EXPECTED = {
  count: 100,
  verdict: 'intact',
  refused: 'INVALID_EVENT',
  isReceipt: true,
  seqs: [1, 2, 3],
  hasEvidence: true,
  runAs: 'runs',
  failures: 0, // the caller of the one that is refused is told
  stats: { queued: 0, inFlight: 0, spooled: 0, recorded: 106, retries: 0, failed: 0, oldestWaitingMs: 0 },
};

/** Runs a client in each runtime that npm brings, against a collector on this machine. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-runtimes-'));
  const audit = createTestAudit();
  const server = createServer(auditCollector({ audit })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scopes = ['write', 'read', 'verify', 'export'] as const;
  const { key: apiKey } = await audit.keys.create({ name: 'runtimes', scopes: [...scopes], tenants: 'any' });
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--silent', '--no-package-lock', ...PACKAGES], {
      cwd: folder,
      stdio: 'inherit',
    });
    const bin = (name: string) => join(folder, 'node_modules/.bin', name);
    const bundle = (name: string, source: string, format: 'esm' | 'iife' = 'esm') =>
      bundled(join(folder, `${name}.${format === 'esm' ? 'mjs' : 'js'}`), source, format, { url, apiKey });
    const printing = (name: string) =>
      bundle(name, `import { check } from './check'; console.log(JSON.stringify(await check('${name}')));`);
    const runtimes: Record<string, () => Promise<string>> = {
      node: async () => output(process.execPath, [await printing('node')]),
      deno: async () => output(bin('deno'), ['run', '--allow-net', '--allow-env', await printing('deno')]),
      bun: async () => output(bin('bun'), ['run', await printing('bun')]),
      edge: async () => {
        const code = await bundle(
          'edge',
          `import { check } from './check'; globalThis.result = check('edge');`,
          'iife',
        );
        return output(process.execPath, ['-e', EDGE, code], folder);
      },
      workerd: async () => {
        const source = `import { check } from './check';
          export default { fetch: async () => Response.json(await check('workerd')) };`;
        return workerd(bin('workerd'), folder, await bundle('workerd', source));
      },
    };
    for (const [name, runIn] of Object.entries(runtimes)) report(name, JSON.parse(await runIn()));
  } finally {
    server.closeAllConnections();
    server.close();
    await audit.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What runs a script in the Edge runtime, in its own virtual machine. */
const EDGE = `
  const { EdgeVM } = require('@edge-runtime/vm');
  const { AsyncLocalStorage } = require('node:async_hooks');
  // As Next.js gives them: a function of Node.js's process says that there is none.
  const ask = (name) => () => { throw new Error('A Node.js API is used: ' + name); };
  const process_ = { env: {}, getBuiltinModule: ask('getBuiltinModule'), nextTick: ask('nextTick') };
  const extend = (context) => Object.assign(context, { AsyncLocalStorage, process: process_ });
  const vm = new EdgeVM({ extend });
  vm.evaluate(require('node:fs').readFileSync(process.argv[1], 'utf8'));
  vm.context.result.then((result) => console.log(JSON.stringify(result)));
`;

async function bundled(
  outfile: string,
  contents: string,
  format: 'esm' | 'iife',
  collector: { url: string; apiKey: string },
): Promise<string> {
  await build({
    stdin: { contents, resolveDir: __dirname },
    bundle: true,
    format,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    define: { COLLECTOR: JSON.stringify(collector) },
    outfile,
  });
  return outfile;
}

async function output(program: string, args: string[], cwd?: string): Promise<string> {
  const { stdout } = await run(program, args, {
    ...(cwd && { cwd }),
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** A worker answers requests: it is asked once. */
async function workerd(program: string, folder: string, module: string): Promise<string> {
  const config = join(folder, 'config.capnp');
  const port = await freePort();
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "main", esModule = embed ${JSON.stringify(module.slice(folder.length + 1))})],
      compatibilityDate = "2026-01-01", compatibilityFlags = ["nodejs_compat"])),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`,
  );
  const child: ChildProcess = spawn(program, ['serve', config], { stdio: 'inherit' });
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}/`)).text();
      } catch (error) {
        if (tries > 300 || child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    child.kill();
  }
}

function report(name: string, result: unknown): void {
  console.log(
    `${name}: ${isDeepStrictEqual(result, EXPECTED) ? 'works' : `differs ${JSON.stringify(result)}`}`,
  );
  if (!isDeepStrictEqual(result, EXPECTED)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
