import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInstaller } from './installer';
import type { Log } from './progress';

/** One test process installs at a time; the kernel gives the lock back when that one ends, however it ends. */
const LOCK = join(tmpdir(), 'express-audit-ledger-chromium.lock');

/** Somebody else may have installed it while we waited for the lock. apt itself waits for other users of dpkg. */
const SCRIPT = `
set -eu
command -v chromium >/dev/null && exit 0
echo 'reading the lists of packages'
apt-get update -qq >&2
echo 'installing chromium'
apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 chromium >&2
`;

/**
 * Installs Debian's package chromium, unless it is there. Tells `log` what it does and how far it is.
 * @param command what installs; it says its steps on standard output, and what goes wrong on standard error
 * @throws {Error} with the end of what the installation said
 */
export async function install(log: Log, command = SCRIPT, lock = LOCK): Promise<void> {
  await runInstaller(log, {
    title: 'Installing the Debian package chromium (once, about a minute)',
    name: 'the installation of chromium',
    command: 'flock',
    parameters: [lock, 'sh', '-c', command],
    environment: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
