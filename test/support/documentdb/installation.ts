import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runInstaller } from '../installer';
import type { Log } from '../progress';

/** Where things are kept for all projects and runs of this user. */
export function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'express-audit-ledger');
}

/** Where the stand-in is installed, once. */
export const installationDirectory = (): string => join(cacheDirectory(), 'documentdb');

/** Whether a complete installation is there. */
export const isInstalled = (directory = installationDirectory()): boolean =>
  existsSync(join(directory, 'usr/share/postgresql/18/extension/documentdb.control'));

/** Why this machine cannot install the stand-in; `undefined` if it can. */
export function installationObstacle(): string | undefined {
  if (process.platform !== 'linux' || !isDebian()) return 'this is not Debian';
  if (process.getuid?.() !== 0) return 'this user is not root';
  return undefined;
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * Installs the stand-in, once. Tells `log` what it does and how far it is.
 * @throws {Error} with the end of what the installation said
 */
export async function install(log: Log, directory = installationDirectory()): Promise<void> {
  await runInstaller(log, {
    title: `Installing a DocumentDB database into ${directory} (once; 65 MB to download, 215 MB on disk, about half a minute)`,
    name: 'install.sh',
    command: join(__dirname, 'install.sh'),
    parameters: [directory],
  });
}
