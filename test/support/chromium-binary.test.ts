import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium-binary';
import { install } from './chromium-installation';
import { temporaryFolder } from './temporary';

const silent = (): void => undefined;

describe('findChromium', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  function executable(folder: string, name: string): string {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  }

  it('takes what CHROMIUM_PATH names', async () => {
    process.env['CHROMIUM_PATH'] = '/opt/chromium';
    expect(await findChromium(silent)).toBe('/opt/chromium');
  });

  it('finds one in the PATH, Chromium before Chrome', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    executable(first, 'google-chrome');
    const path = executable(second, 'chromium');
    writeFileSync(join(first, 'chromium'), 'not executable');
    process.env = { ...environment, CHROMIUM_PATH: '', PATH: `${first}::${second}` };

    expect(await findChromium(silent)).toBe(path);
  });

  describe('when there is none, and no root', () => {
    const getuid = process.getuid;
    beforeEach(() => {
      process.getuid = () => 1000;
    });
    afterEach(() => {
      if (getuid) process.getuid = getuid;
    });

    it('fails with what to do', async () => {
      process.env = { ...environment, CHROMIUM_PATH: '', PATH: temporaryFolder() };
      await expect(findChromium(silent)).rejects.toThrow(/No browser.*CHROMIUM_PATH.*root on Debian/s);
    });
  });
});

describe('install', () => {
  it('says what it does, and how far it is', async () => {
    const lines: string[] = [];
    await install((line) => lines.push(line), 'echo "a step"', join(temporaryFolder(), 'lock'));

    expect(lines[0]).toMatch(/Installing the Debian package chromium-headless-shell/);
    expect(lines.at(-1)).toMatch(/done after \d+ s/);
  });

  it('waits for others who install', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    const step = `test ! -e ${folder}/busy; touch ${folder}/busy; echo begin >>${log}; echo end >>${log}; rm ${folder}/busy`;
    const installing = [1, 2, 3].map(() => install(silent, `set -e; ${step}`, join(folder, 'lock')));

    await expect(Promise.all(installing)).resolves.toHaveLength(3);
  });

  it('fails with the end of what was said', async () => {
    const failing = install(silent, 'echo "no such package" >&2; exit 100', join(temporaryFolder(), 'lock'));
    await expect(failing).rejects.toThrow(/ended with 100:\nno such package/);
  });

  it('leaves a Chromium that is there as it is', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'chromium-headless-shell'), '#!/bin/sh\n');
    chmodSync(join(folder, 'chromium-headless-shell'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}:${path ?? ''}`;
    const steps: string[] = [];
    await install((line) => steps.push(line), undefined, join(folder, 'lock')).finally(() => {
      process.env['PATH'] = path;
    });

    expect(steps.join('\n')).not.toContain('apt-get');
  });
});
