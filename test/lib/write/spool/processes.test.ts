import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { createAudit } from '../../../support/create-audit';
import { readLine } from '../../../../lib/write/spool/spool-line';
import { compiledPath } from '../../../support/compiled-path';
import { connect } from '../../../support/connection';
import { sharedDatabaseUri } from '../../../support/database';
import { leaveFolder, lineOf } from '../../../support/left-folder';
import { Load } from '../../../support/load';
import { until } from '../../../support/deadline';
import type { LoadTask } from '../../../support/spool-process';
import { temporaryFolder } from '../../../support/temporary';

const quiet = { warn: () => undefined, error: () => undefined };

/** Where no database is. */
const NOWHERE = 'mongodb://127.0.0.1:1';

/** The user and group `nobody`, for a process that must not do all that root may. */
const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};

let connection: Connection;
let directory: string;
const loads: Load[] = [];

beforeAll(async () => {
  connection = await connect();
});
beforeEach(() => {
  directory = temporaryFolder();
});
afterEach(async () => {
  for (const load of loads.splice(0)) await load.kill();
});

function start(name: string, task: Partial<LoadTask>, options?: ConstructorParameters<typeof Load>[2]): Load {
  const base = { uri: NOWHERE, dbName: connection.name, tenantId: name, options: { spool: { directory } } };
  const program = compiledPath('test/support/spool-process.ts');
  const load = new Load(program, { ...base, name, report: 'accepted', ...task }, options);
  loads.push(load);
  return load;
}

function segments(): string[] {
  const names = readdirSync(directory, { recursive: true }) as string[];
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(directory, name));
}

/** The file by which the owner of a folder shows that it lives. */
function ownerIn(folder: string): string {
  const [owner = ''] = readdirSync(join(directory, folder)).filter((name) => name.startsWith('owner.'));
  return owner;
}

/** Lets a new ledger record all that is left, and gives the numbers of the tenant's events. */
async function recover(tenantId: string): Promise<unknown[]> {
  const audit = createAudit({ connection, spool: { directory }, logger: quiet });
  await until(() => readdirSync(directory).length === 1);
  const entries = await audit.list({ tenantId, order: 'asc', limit: 1000 });
  await audit.close();
  expect(readdirSync(directory)).toEqual([]);
  return entries.map(({ metadata }) => (metadata as { n: number }).n);
}

describe('two processes with one directory', () => {
  it('leave the folder of the other alone while it lives, and take it over at a next look once it is killed', async () => {
    const cut = start('cut-off', { count: 20 });
    await cut.done();
    const [foreign = ''] = readdirSync(directory);
    const owner = ownerIn(foreign);
    const living = start('living', { uri: sharedDatabaseUri(), count: 1, report: 'recorded' });
    await living.reported(1); // it has looked for what others left
    expect(readdirSync(directory)).toHaveLength(2);
    const [own = ''] = readdirSync(directory).filter((name) => name !== foreign);
    const mark = join(directory, own, ownerIn(own));
    await cut.kill();
    const looks = new Set<number>();
    await until(() => {
      if (!existsSync(join(directory, foreign, owner))) return true;
      looks.add(statSync(mark).mtimeMs); // the living one touches its own at each look
      return false;
    }, 'the folder is taken over');
    expect(looks.size).toBeLessThanOrEqual(3); // not after the silence of five that would do elsewhere
    await until(() => readdirSync(directory).length === 1);
    const audit = createAudit({ connection, logger: quiet });
    expect(await audit.list({ tenantId: 'cut-off' })).toHaveLength(20);
    expect(living.errors).toEqual([]);
    await audit.close();
  });
});

describe('a directory', () => {
  it('without permission is INVALID_OPTIONS, naming the path', async () => {
    chmodSync(directory, 0o500);
    const load = start('denied', { count: 1, ...asNobody });
    await load.done();
    expect(load.ids).toEqual([]);
    expect(load.errors).toEqual([
      { code: 'INVALID_OPTIONS', message: expect.stringMatching(/EACCES.*give a folder/) },
    ]);
    expect(load.errors[0]?.message).toContain(directory);
  });

  it('with a folder that it may not read gives one error, not one at each look', async () => {
    const foreign = leaveFolder(directory, [lineOf('a')]);
    chmodSync(foreign, 0o000);
    chmodSync(directory, 0o777);
    const load = start('restricted', { count: 1, ...asNobody });
    await load.done();
    await until(() => load.errors.length > 0);
    const own = readdirSync(directory).find((name) => join(directory, name) !== foreign) as string;
    const mark = join(directory, own, ownerIn(own));
    const touched = () => statSync(mark).mtimeMs;
    for (let looks = 0; looks < 2; looks++) {
      const before = touched();
      await until(() => touched() > before);
    }
    const about = load.errors.filter(({ message }) => message.includes('left in the spool'));
    expect(about).toEqual([{ code: 'SPOOL_DAMAGED', message: expect.stringContaining(foreign) }]);
  });
});

describe('when the system takes no more bytes in the middle of a line', () => {
  it('leaves no torn line, goes on, and says so', async () => {
    const limited = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`; // blocks of 512 bytes, or of 1,024
    const shell = { execPath: '/bin/sh', execArgv: ['-c', limited, process.execPath] };
    const load = start('limited', { count: 500 }, shell);
    await load.done();
    await load.kill();

    expect(load.ids).toHaveLength(500);
    const texts = segments().map((path) => readFileSync(path, 'utf8'));
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text).toMatch(/\n$/);
    const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
    expect(lines.map(readLine)).not.toContain(null);
    const about = load.errors.filter(({ message }) => message.includes('EFBIG'));
    expect(about.map(({ code }) => code)).toEqual(about.map(() => 'SPOOL_UNWRITABLE'));
    // Each refused write is one event that was in memory alone.
    expect(about.length).toBeGreaterThan(0);
    expect(await recover('limited')).toHaveLength(500 - about.length);
  });
});

describe('with fsync', () => {
  const traced = () => ({ execArgv: ['--require', compiledPath('test/support/trace-sync.ts')] });

  it('syncs after each write, gathering the writes while a sync is under way', async () => {
    const spool = { directory, fsync: true };
    const { trace, ...load } = await traceOf({ spool });
    expect(load.writes).toBeGreaterThanOrEqual(50);
    expect(trace.slice(0, 2)).toEqual(['write', 'sync']);
    expect(trace.lastIndexOf('sync')).toBeGreaterThan(trace.lastIndexOf('write'));
    const syncs = trace.filter((step) => step !== 'write');
    expect(syncs).toEqual(syncs.map((_, i) => (i % 2 ? 'synced' : 'sync'))); // one at a time
    expect(syncs.length / 2).toBeLessThan(load.writes);
  });

  it('syncs nothing where it is not asked for', async () => {
    const { trace } = await traceOf({ spool: { directory } });
    expect(new Set(trace)).toEqual(new Set(['write']));
  });

  async function traceOf(options: LoadTask['options']) {
    const load = start('traced', { count: 50, options }, traced());
    await load.done();
    const { trace } = load;
    const ended = () => trace.filter((step) => step === 'sync').length === count(trace, 'synced');
    await until(ended);
    return { trace: [...trace], writes: count(trace, 'write') };
  }

  function count(trace: string[], wanted: string): number {
    return trace.filter((step) => step === wanted).length;
  }
});
