import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { failureFile, recallFailure, rememberFailure } from './mongod-binary-failure';
import { temporaryFolder } from './temporary';

const DAY = 24 * 60 * 60 * 1000;
const environment = { ...process.env };

beforeEach(() => {
  process.env['XDG_CACHE_HOME'] = temporaryFolder();
});
afterEach(() => {
  process.env = { ...environment };
});

describe('when a download has failed', () => {
  it('is remembered for a day, with its reason', () => {
    rememberFailure('no such host', 1000);
    expect(recallFailure(1000 + DAY - 1)).toEqual({ at: 1000, until: 1000 + DAY, reason: 'no such host' });
    expect(recallFailure(1000 + DAY)).toBeUndefined();
  });

  it('is not remembered once what decides where it comes from has changed', () => {
    rememberFailure('no such host');
    process.env['MONGOMS_VERSION'] = '8.0.4';
    expect(recallFailure()).toBeUndefined();
    delete process.env['MONGOMS_VERSION'];
    expect(recallFailure()).toBeDefined();
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:9';
    expect(recallFailure()).toBeUndefined();
  });

  it('is not remembered once its file is removed, or cannot be read', () => {
    rememberFailure('no such host');
    writeFileSync(failureFile(), '{"at":');
    expect(recallFailure()).toBeUndefined();
    rmSync(failureFile());
    expect(recallFailure()).toBeUndefined();
  });

  it('is not remembered from a time to come, as after a clock was put back', () => {
    rememberFailure('no such host', 2000);
    expect(recallFailure(1999)).toBeUndefined();
  });

  it('leaves one file, whose text tells no password', () => {
    process.env['HTTPS_PROXY'] = 'http://user:secret@127.0.0.1:9';
    rememberFailure('no such host');
    expect(readdirSync(dirname(failureFile()))).toEqual(['mongod-download-failed.json']);
    expect(recallFailure()).toBeDefined();
  });
});
