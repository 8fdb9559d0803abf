import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startDatabase } from '../../support/database-server';
import { eventually } from '../../support/eventually';
import { blocksOf } from '../../docs/markdown';
import { Reader } from '../ledgers';
import { pack } from '../project';
import { build, NextProcess } from './next-process';
import { BEHAVIOUR, Visitor } from './behaviour';
import { developWithEdits } from './development';

/** The versions that are supported, and what `proxy.js` is called there. */
const VERSIONS = { '16.4.6': 'proxy.js', '15.5.29': 'middleware.js' };

/** Set to a folder, it keeps the installed projects: another run there is faster. */
const KEPT = process.env['FRAMEWORKS_FOLDER'];

/** What is peculiar to Next, on each version of it or the one that is named, all or a part: builds, edits in development, actions, proxies and where the trail is. */
async function main(asked = '', part = ''): Promise<void> {
  const folder = KEPT ?? mkdtempSync(join(tmpdir(), 'audit-next-'));
  mkdirSync(folder, { recursive: true });
  const database = await startDatabase();
  let failed = 0;
  try {
    const tarball = pack(folder);
    for (const [version, proxy] of Object.entries(VERSIONS)) {
      if (!version.startsWith(asked)) continue;
      const project = install(folder, tarball, version, proxy);
      for (const [name, run] of Object.entries(RUNS)) {
        if (!name.includes(part)) continue;
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
    const reader = await Reader.open(uri, dbName, 'next.example');
    const next = await NextProcess.start(project, 'start', { MONGODB_URI: uri, DB_NAME: dbName }, '/passed');
    try {
      const faults: string[] = [];
      const checks = [];
      for (const [name, run] of Object.entries(BEHAVIOUR)) {
        const visitor = new Visitor(next.url, name.replace(/\W+/g, '-').toLowerCase());
        const check = await run(visitor, project).catch((error: unknown) => {
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
  'the code of docs/frameworks/next.md': documented,
  'a build for a container, which holds no packages but what it needs': async (project, uri) => {
    await build(project, { OUTPUT: 'standalone' });
    const dbName = `next_${randomBytes(6).toString('hex')}`;
    const env = { MONGODB_URI: uri, DB_NAME: dbName };
    const next = await NextProcess.start(project, 'standalone', env, '/passed');
    const reader = await Reader.open(uri, dbName);
    try {
      const visitor = new Visitor(next.url, 'contained');
      assert.equal((await visitor.get('/event/a/b')).status, 200);
      await visitor.act('fine');
      assert.match(await (await visitor.get('/audit/trail.html')).text(), /viewer\.js/);
      assert.equal((await visitor.get('/audit/viewer.js')).status, 200);
      await next.stop();
      const actions = (await reader.all('audit')).entries.map(({ action }) => action).sort();
      assert.deepEqual(actions, ['action.called', 'ledger.started', 'ledger.stopped', 'thing.read']);
    } finally {
      next.kill();
      await reader.close();
    }
  },
  'one ledger in development, with edits; the trail below a base path, with slashes at the end':
    developWithEdits,
};

/** Makes an application of the page for users, whose blocks begin with the path of their file, and asks it. */
async function documented(project: string, uri: string): Promise<void> {
  const other = `${project}-documented`;
  mkdirSync(other, { recursive: true });
  cpSync(join(project, 'package.json'), join(other, 'package.json'));
  for (const { code } of blocksOf('docs/frameworks/next.md').filter(({ language }) => language === 'ts')) {
    const path = /^\/\/ (\S+)\n/.exec(code)?.[1] ?? '';
    if (path === 'proxy.ts' && project.includes('next-15')) continue; // is called otherwise there
    mkdirSync(dirname(join(other, path)), { recursive: true });
    writeFileSync(join(other, path), code.replace(/^.*\n/, ''));
  }
  const layout =
    'export default ({ children }: { children: React.ReactNode }) => <html><body>{children}</body></html>;';
  writeFileSync(join(other, 'app/layout.tsx'), layout);
  rmSync(join(other, 'node_modules'), { recursive: true, force: true });
  cpSync(join(project, 'node_modules'), join(other, 'node_modules'), { recursive: true });
  execFileSync('npm', ['install', '--silent', '--no-package-lock', '--no-save', ...TYPES], { cwd: other });
  await build(other, {});
  const dbName = `next_${randomBytes(6).toString('hex')}`;
  const next = await NextProcess.start(
    other,
    'start',
    { MONGODB_URI: uri.replace('/?', `/${dbName}?`) },
    '/audit/viewer.js',
  );
  const reader = await Reader.open(uri, dbName);
  try {
    const headers = { cookie: 'session=ada' };
    const csv = await fetch(`${next.url}/members/7/report.csv`, { headers });
    assert.equal(await csv.text(), 'id\n7\n');
    assert.equal((await fetch(`${next.url}/audit`)).status, 401);
    assert.equal((await fetch(`${next.url}/audit`, { headers })).status, 200);
    await eventually(async () => {
      assert.match(await (await fetch(`${next.url}/history`, { headers })).text(), /data\.export/);
    });
    await next.stop();
    const { entries } = await reader.all('audit');
    const actions = entries.map(({ action }) => action);
    assert.ok(actions.includes('data.export') && actions.includes('ledger.stopped'), actions.join());
  } finally {
    next.kill();
    await reader.close();
  }
}

/** What an application in TypeScript has besides. */
const TYPES = ['typescript@5.9.3', '@types/node@20', '@types/react@19'];

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
  Object.assign(manifest.dependencies, { next: version, 'express-audit-ledger': `file:${tarball}` });
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  rmSync(join(project, 'node_modules/express-audit-ledger'), { recursive: true, force: true });
  execFileSync('npm', ['install', '--silent', '--no-package-lock'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return project;
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
