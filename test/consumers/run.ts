import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../support/database-server';

const PROJECT = join(__dirname, '../..');

/** Installs the packed tarball into projects as users have them, and runs each project's own check. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-consumers-'));
  const database = await startDatabase();
  try {
    const packed =
      npm(PROJECT, ['pack', '--silent', '--pack-destination', folder]).trim().split('\n').at(-1) ?? '';
    const projects = readdirSync(__dirname, { withFileTypes: true }).filter((item) => item.isDirectory());
    for (const { name } of projects) {
      const project = join(folder, name);
      cpSync(join(__dirname, name), project, { recursive: true });
      npm(project, ['install', '--silent', '--no-package-lock', join(folder, packed)]);
      const dbName = `consumer_${randomBytes(6).toString('hex')}`;
      npm(project, ['test', '--silent'], { MONGODB_URI: database.uri, DB_NAME: dbName });
      console.log(`${name}: works`);
    }
    console.log(`${projects.length} passed, 0 failed`);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function npm(cwd: string, args: string[], env: Record<string, string> = {}): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'];
  return execFileSync('npm', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', stdio });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
