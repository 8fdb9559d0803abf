import { findMongod } from './mongod-binary';
import { temporaryFolder } from './temporary';

describe('findMongod', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  it('leaves a system binary that the user names to mongodb-memory-server', async () => {
    process.env['MONGOMS_SYSTEM_BINARY'] = '/opt/mongod';
    expect(await findMongod(() => undefined)).toEqual({ binary: {}, args: [] });
  });

  describe('when there is no mongod, no download and no root', () => {
    const getuid = process.getuid;
    beforeEach(() => {
      const empty = temporaryFolder();
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
      expect(lines[2]).toMatch(/not tried again for a day; at once after: rm /);
    });

    it('does not try again, and says when it has tried and how to have it tried', async () => {
      await findMongod(() => undefined).catch(() => undefined);
      const lines: string[] = [];
      await expect(findMongod((line) => lines.push(line))).rejects.toThrow(
        /No database.*127\.0\.0\.1:9.*That was at \d{4}-.*at once after: rm .*root on Debian/s,
      );
      expect(lines[0]).toMatch(/its download failed at \d{4}-/);
      expect(lines.join('\n')).not.toMatch(/downloads one/);
    });
  });
});
