import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../test/support/database-server';

const PROJECT = join(__dirname, '..');

/** An example with packages of its own, in `<name>/app`. */
interface Example {
  name: string;
  /** What Node.js runs, below its folder. */
  command: readonly string[];
  /** What its environment has besides. */
  environment?: (uri: string, dbName: string) => Promise<Record<string, string>>;
}

/** Installs an example with this package as it would be published, and runs it until SIGINT or SIGTERM. */
export function runPackaged(example: Example): void {
  run(example).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

async function run({ name, command, environment }: Example): Promise<void> {
  const folder = join(__dirname, name, 'app');
  install(folder);
  const database = await startDatabase();
  try {
    const { DATABASE = `audit_ledger_${name}_example` } = process.env;
    const own = await environment?.(database.uri, DATABASE);
    const env = { ...process.env, DATABASE, MONGODB_URI: database.uri, ...own };
    const app = spawn(process.execPath, command, { cwd: folder, env, stdio: 'inherit', detached: true });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.kill(signal));
    process.exitCode = await exitCodeOf(app);
  } finally {
    await database.close();
  }
}

function install(app: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'audit-example-'));
  try {
    console.log('Building the package, and installing the example …');
    const packed = npm(PROJECT, ['pack', '--silent', '--pack-destination', folder]).trim().split('\n').at(-1);
    rmSync(join(app, 'node_modules/express-audit-ledger'), { recursive: true, force: true });
    npm(app, ['install', '--silent', '--no-package-lock', '--no-save', join(folder, packed ?? '')]);
    npm(app, ['run', 'build', '--silent']);
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
