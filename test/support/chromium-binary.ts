import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install } from './chromium-installation';
import { installationObstacle } from './documentdb/installation';
import { Interrupted } from './installer';
import { type Log } from './progress';

/** The headless shell first: the same engine, without the windows that Chromium draws around each page for nobody. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/**
 * Finds a Chromium: the one that `CHROMIUM_PATH` names, one in the PATH; else installs Debian's.
 * @throws {Interrupted} when a signal has stopped the installation
 * @throws {Error} that says what to do, if there is none to be had
 */
export async function findChromium(log: Log): Promise<string> {
  const found = process.env['CHROMIUM_PATH'] || installedChromium();
  if (found) return found;
  const obstacle = installationObstacle();
  if (obstacle !== undefined) throw new Error(noChromium(obstacle));
  try {
    await install(log);
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    throw new Error(noChromium('its installation failed, see the cause'), { cause });
  }
  const installed = installedChromium();
  if (!installed) throw new Error(noChromium('its package was installed, and has put none into the PATH'));
  return installed;
}

function installedChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // most folders of a PATH hold no browser
  }
}

const noChromium = (reason: string): string =>
  `No browser: CHROMIUM_PATH is not set, the PATH holds none of ${NAMES.join(', ')}, and none could be installed (${reason}).
Do one of these:
- set CHROMIUM_PATH to the executable of a Chromium or Chrome;
- put one into the PATH;
- run as root on Debian, where the package chromium-headless-shell is installed.`;
