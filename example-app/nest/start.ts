import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../../test/support/database-server';

const PROJECT = join(__dirname, '../..');
const APP = join(__dirname, 'app');

/** Installs the example with this package as it would be published, and runs it until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  install();
  const database = await startDatabase();
  try {
    const env = { DATABASE: 'audit_ledger_nest_example', ...process.env, MONGODB_URI: database.uri };
    const app = spawn(process.execPath, ['dist/main.js'], {
      cwd: APP,
      env,
      stdio: 'inherit',
      detached: true,
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.kill(signal));
    process.exitCode = await exitCodeOf(app);
  } finally {
    await database.close();
  }
}

function install(): void {
  const folder = mkdtempSync(join(tmpdir(), 'audit-nest-example-'));
  try {
    console.log('Building the package, and installing the example …');
    const packed = npm(PROJECT, ['pack', '--silent', '--pack-destination', folder]).trim().split('\n').at(-1);
    rmSync(join(APP, 'node_modules/express-audit-ledger'), { recursive: true, force: true });
    npm(APP, ['install', '--silent', '--no-package-lock', '--no-save', join(folder, packed ?? '')]);
    npm(APP, ['run', 'build', '--silent']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function npm(cwd: string, args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

async function exitCodeOf(app: ChildProcess): Promise<number> {
  const [code] = (await once(app, 'exit')) as [number | null];
  return code ?? 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
