import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMongod } from './mongod-binary';

describe('findMongod', () => {
  const environment = { ...process.env };
  const empty = mkdtempSync(join(tmpdir(), 'express-audit-ledger-test-'));
  afterEach(() => {
    process.env = { ...environment };
  });
  afterAll(() => rm(empty, { recursive: true, force: true }));

  it('leaves a system binary that the user names to mongodb-memory-server', async () => {
    process.env['MONGOMS_SYSTEM_BINARY'] = '/opt/mongod';
    expect(await findMongod(() => undefined)).toEqual({ binary: {}, args: [] });
  });

  describe('when there is no mongod, no download and no root', () => {
    const getuid = process.getuid;
    beforeEach(() => {
      process.getuid = () => 1000;
      // nothing is installed in an empty folder, and nothing listens on port 9 of this machine
      const nowhere = {
        PATH: empty,
        XDG_CACHE_HOME: empty,
        MONGOMS_DOWNLOAD_DIR: empty,
        MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:9',
        MONGOMS_MAX_RETRIES: '0',
      };
      process.env = { ...environment, ...nowhere, MONGOMS_SYSTEM_BINARY: '' };
    });
    afterEach(() => {
      if (getuid) process.getuid = getuid;
    });

    it('fails, after it has said what it tried, with what to do', async () => {
      const lines: string[] = [];
      await expect(findMongod((line) => lines.push(line))).rejects.toThrow(
        /No database.*set MONGODB_URI.*download reachable.*root on Debian/s,
      );
      expect(lines[0]).toMatch(/mongodb-memory-server downloads one/);
      expect(lines[1]).toMatch(/127\.0\.0\.1:9/);
    });
  });
});
