import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInstaller } from './installer';
import type { Log } from './progress';

/** One process of this project at a time installs packages on this machine. */
const LOCK = join(tmpdir(), 'express-audit-ledger-apt.lock');

/**
 * Installs Debian's package chromium-headless-shell, unless it is there. Tells `log` what it does and how far it is.
 * @param command what installs, in Bash; it says its steps on standard output, and what goes wrong on standard error
 * @throws {Error} with the end of what the installation said
 */
export async function install(log: Log, command = chromiumOfDebian(), lock = LOCK): Promise<void> {
  await runInstaller(log, {
    title:
      'Installing the Debian package chromium-headless-shell (once; 65 MB and more to download, about a minute)',
    name: 'the installation of chromium',
    command: 'bash',
    parameters: ['-c', `source "$0"; lock "$1"; ${command}`, join(__dirname, 'installer.sh'), lock],
  });
}

const chromiumOfDebian = (): string => `source '${join(__dirname, 'chromium-installation.sh')}'`;
