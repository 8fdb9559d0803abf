import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../../support/database';
import { Reader } from '../ledgers';
import { pack } from '../project';
import { build, NextProcess } from './next-process';
import { BEHAVIOUR, Visitor } from './behaviour';
import { developWithEdits } from './development';

/** The versions that are supported, and what `proxy.js` is called there. */
const VERSIONS = { '16.4.6': 'proxy.js', '15.5.29': 'middleware.js' };

/** Set to a folder, it keeps the installed projects: another run there is faster. */
const KEPT = process.env['FRAMEWORKS_FOLDER'];

/** What is peculiar to Next, on each version of it: builds, edits in development, actions, proxies and where the trail is. */
async function main(): Promise<void> {
  const folder = KEPT ?? mkdtempSync(join(tmpdir(), 'audit-next-'));
  mkdirSync(folder, { recursive: true });
  const database = await startDatabase();
  let failed = 0;
  try {
    const tarball = pack(folder);
    for (const [version, proxy] of Object.entries(VERSIONS)) {
      const project = install(folder, tarball, version, proxy);
      for (const [name, run] of Object.entries(RUNS)) {
        const error = await run(project, database.uri).catch((cause: unknown) => cause as Error);
        console.log(
          `Next ${version}: ${name}: ${error ? `failed: ${error.stack ?? error.message}` : 'works'}`,
        );
        if (error) failed++;
      }
    }
    console.log(`${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await database.close();
    if (KEPT === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

const RUNS: Record<string, (project: string, uri: string) => Promise<void>> = {
  'a build needs no database, and records nothing where there is one': async (project, uri) => {
    await build(project, { MONGODB_URI: uri, DB_NAME: 'built' });
    const reader = await Reader.open(uri, 'built');
    try {
      assert.deepEqual((await reader.all('audit')).entries, []);
    } finally {
      await reader.close();
    }
    await build(project, {
      MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500',
      DB_NAME: 'built',
    });
  },
  'handlers, actions and a proxy': async (project, uri) => {
    const dbName = `next_${randomBytes(6).toString('hex')}`;
    const reader = await Reader.open(uri, dbName);
    const next = await NextProcess.start(project, 'start', { MONGODB_URI: uri, DB_NAME: dbName }, '/passed');
    try {
      const faults: string[] = [];
      const checks = [];
      for (const [name, run] of Object.entries(BEHAVIOUR)) {
        const visitor = new Visitor(next.url, name.replace(/\W+/g, '-').toLowerCase());
        const check = await run(visitor).catch((error: unknown) => {
          faults.push(`${name}: ${String(error)}`);
        });
        if (check) checks.push({ name, visitor, check });
      }
      const code = await next.stop();
      assert.ok(code === 143 || code === 0, next.said); // Next 15 ends with 0
      const { entries, verdicts } = await reader.all('audit');
      assert.deepEqual(new Set(verdicts), new Set(['intact']));
      const lives = entries.map(({ action }) => action).filter((action) => /^ledger\.st/.test(action));
      assert.deepEqual(lives, ['ledger.started', 'ledger.stopped']);
      for (const { name, visitor, check } of checks) {
        try {
          check(entries.filter(({ context }) => context?.['userAgent'] === visitor.name));
        } catch (error) {
          faults.push(`${name}: ${(error as Error).message}`);
        }
      }
      assert.deepEqual(faults, []);
    } finally {
      next.kill();
      await reader.close();
    }
  },
  'one ledger in development, with edits; the trail below a base path, with slashes at the end':
    developWithEdits,
};

function install(folder: string, tarball: string, version: string, proxy: string): string {
  const project = join(folder, `next-${version}`);
  cpSync(join(__dirname, 'app'), project, {
    recursive: true,
    filter: (path) => !/node_modules|\.next/.test(path),
  });
  if (proxy !== 'proxy.js') {
    renameSync(join(project, 'proxy.js'), join(project, proxy));
    const text = readFileSync(join(project, proxy), 'utf8');
    const older = text
      .replace('const proxy', 'const middleware')
      .replace('matcher: [', "runtime: 'nodejs', matcher: [");
    writeFileSync(join(project, proxy), older);
  }
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  manifest.dependencies['next'] = version;
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  rmSync(join(project, 'node_modules/express-audit-ledger'), { recursive: true, force: true });
  execFileSync('npm', ['install', '--silent', '--no-package-lock', '--no-save', tarball], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return project;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
