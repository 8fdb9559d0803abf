import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { compiledPath } from './compiled-path';
import { until } from './deadline';
import { runInstaller } from './installer';
import { temporaryFolder } from './temporary';

/** Makes a folder under a lock, as install.sh does, and then takes for ever. */
const SLOW = `
source "$0"
folder=$1
lock "$folder/lock"
trap 'rm -rf "$folder/partial"' EXIT
rm -rf "$folder/partial"
mkdir "$folder/partial"
echo 'a step'
run bash -c 'sleep 1000 & echo $! >"$1/child"; wait' - "$folder"
`;
/** The same, with a last step that must not be cut off and waits until it is let go. */
const FINISHING = `
source "$0"
lock "$1/lock"
finish bash -c 'echo $$ >"$1/child"; read -r <"$1/gate"; touch "$1/finished"' - "$1"
`;
/** What is to be found once a later run has installed. */
const QUICK = 'source "$0"; lock "$1/lock"; rm -rf "$1/partial"; touch "$1/installed"';

const LIBRARY = join(__dirname, 'installer.sh');

/** Begins an installation in a process group of its own, as a shell begins a job, and waits until it is in its step. */
async function begin(script: string, folder: string): Promise<ChildProcess> {
  const program = compiledPath('test/support/installer-process.ts');
  const child = spawn(process.execPath, [program, script, LIBRARY, folder], { detached: true });
  await until(() => existsSync(join(folder, 'child')) && pidIn(folder) > 0, 'the step has begun');
  return child;
}

const pidIn = (folder: string): number => Number(readFileSync(join(folder, 'child'), 'utf8'));

/** Not one that waits for its parent to hear that it has ended. */
const runs = (pid: number): boolean =>
  spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .replace(/^Z.*/, '') !== '';

const isFree = (folder: string): boolean =>
  spawnSync('flock', ['-n', join(folder, 'lock'), 'true']).status === 0;

const silent = (): void => undefined;

function again(folder: string): Promise<void> {
  const parameters = ['-c', QUICK, LIBRARY, folder];
  return runInstaller(silent, { title: 'Again', name: 'the second one', command: 'bash', parameters });
}

describe('when it is told to stop', () => {
  it.each([
    ['by a Ctrl+C, which its whole process group hears', 'SIGINT', -1, 130],
    ['by a SIGTERM to it alone', 'SIGTERM', 1, 143],
  ] as const)('%s, it leaves nothing and ends as signalled', async (_, signal, whole, code) => {
    const folder = temporaryFolder();
    const installation = await begin(SLOW, folder);
    const said = text(installation.stderr!);
    process.kill(whole * installation.pid!, signal);

    expect(await once(installation, 'close')).toEqual([code, null]);
    expect(await said).toBe(`${signal} has stopped the installer, and nothing is left half installed.\n`);
    expect(existsSync(join(folder, 'partial'))).toBe(false);
    expect(runs(pidIn(folder))).toBe(false);
    expect(isFree(folder)).toBe(true);
  });

  it('waits for what must not be cut off', async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'gate')]);
    const installation = await begin(FINISHING, folder);
    const closed = once(installation, 'close');
    installation.kill('SIGTERM');
    for await (const chunk of installation.stdout!.iterator({ destroyOnReturn: false }))
      if (String(chunk).includes('finishing what must not be cut off')) break;
    installation.stdout!.resume();
    writeFileSync(join(folder, 'gate'), 'go on\n');

    expect(await closed).toEqual([143, null]);
    expect(existsSync(join(folder, 'finished'))).toBe(true);
  });
});

describe('when it is killed', () => {
  it('leaves nothing that runs, and the next one installs', async () => {
    const folder = temporaryFolder();
    const installation = await begin(SLOW, folder);
    installation.kill('SIGKILL');
    await again(folder);

    expect(existsSync(join(folder, 'installed'))).toBe(true);
    expect(existsSync(join(folder, 'partial'))).toBe(false);
    expect(runs(pidIn(folder))).toBe(false);
  });
});

describe('when it fails', () => {
  it('says what it said last', async () => {
    const parameters = ['-c', 'source "$0"; finish sh -c "echo no such package; exit 7"', LIBRARY];
    const failing = runInstaller(silent, { title: '', name: 'it', command: 'bash', parameters });
    await expect(failing).rejects.toThrow('it ended with 7:\nno such package');
  });
});
