import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installationDirectory, isInstalled } from './installation';

describe('installationDirectory', () => {
  const cache = process.env['XDG_CACHE_HOME'];
  afterEach(() => {
    if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cache;
  });

  it('is in the cache directory that the user has chosen', () => {
    process.env['XDG_CACHE_HOME'] = '/elsewhere';
    expect(installationDirectory()).toBe('/elsewhere/express-audit-ledger/documentdb');
  });

  it.each([undefined, ''])('is in ~/.cache when the user has chosen none (%j)', (chosen) => {
    delete process.env['XDG_CACHE_HOME'];
    if (chosen !== undefined) process.env['XDG_CACHE_HOME'] = chosen;
    expect(installationDirectory()).toMatch(/\/\.cache\/express-audit-ledger\/documentdb$/);
  });
});

describe('isInstalled', () => {
  const empty = mkdtempSync(join(tmpdir(), 'express-audit-ledger-test-'));
  afterAll(() => rm(empty, { recursive: true, force: true }));

  it('is false of an empty directory', () => expect(isInstalled(empty)).toBe(false));
});
