import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { Audit, ledgerOf } from '../../../lib/audit';
import type { Entry } from '../../../lib/chain/entry';
import { serializeDraft } from '../../../lib/event/draft-json';
import { type LedgerOptions, parseOptions } from '../../../lib/options';
import { createDrafter } from '../../../lib/event/drafter';
import { RepeatedEvent } from '../../../lib/write/repeated-event';
import { eventLine, foldLine, repeatLine } from '../../../lib/write/spool/spool-line';
import { NO_OWNER } from '../../../lib/write/spool/owner';
import { MongoStore } from '../../../models/store/mongo-store';
import { allEntries } from '../../support/all-entries';
import { compiledPath } from '../../support/compiled-path';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { connectToEmptied } from '../../support/emptied';
import type { FloodTask } from '../../support/flood-process';
import { crashed } from '../../support/left-in-spool';
import { sized } from '../../support/sized';
import { temporaryFolder } from '../../support/temporary';
import { CALLER, countOf, EXPORT, sumOf } from '../../support/refused';
import { sha256 } from '../../../lib/crypto/node';

const WINDOW = 60_000;
const ACTION = CALLER.action;

const audits: Audit[] = [];
let connection: Connection;

beforeEach(async () => {
  connection = await connectToEmptied();
});
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.close();
});

/** A ledger with a clock that stands still unless it is put on. */
function ledger(options: LedgerOptions = {}) {
  let now = Date.now();
  const clock = { now: () => now, random: Math.random };
  const audit = new Audit(new MongoStore(connection), parseOptions(options), clock);
  audits.push(audit);
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  /** One refused request. */
  const refuse = (address: string, tenantId = 'acme') => {
    const scope = {
      origin: () => ({ actor: 'eve', context: { ipAddress: address } }),
      recorded: () => undefined,
      isOver: true,
    };
    ledgerOf(audit).captured.fold(
      { ...CALLER, tenantId, network: address },
      { action: ACTION, outcome: 'denied', metadata: {} },
      scope,
    );
  };
  const refuseTimes = (times: number, tenantId?: string) => {
    for (let n = 0; n < times; n++) refuse('192.0.2.1', tenantId);
  };
  const recorded = jest.fn();
  /** So many exports of one thing, each of another size. */
  const exportTimes = (times: number, resource = '/orders.csv') => {
    const scope = { origin: () => ({ actor: 'eve' }), recorded, isOver: true };
    const event = { action: EXPORT.action, resource };
    for (let responseSize = 0; responseSize < times; responseSize++)
      ledgerOf(audit).captured.fold({ ...EXPORT, resource }, { ...event, metadata: { responseSize } }, scope);
  };
  return { audit, errors, refuse, refuseTimes, exportTimes, recorded, put: (on: number) => (now += on) };
}

/** All that was captured for a tenant, oldest first. */
async function entriesOf(audit: Audit, tenantId = 'acme'): Promise<Entry[]> {
  return (await allEntries(audit, tenantId)).filter(({ action }) => !action.startsWith('ledger.'));
}

const counted = (entries: Entry[]) => entries.filter(({ metadata }) => metadata !== undefined).map(countOf);

const isFold = ({ metadata }: Entry) =>
  typeof metadata === 'object' && metadata !== null && Object.hasOwn(metadata, 'count');

const MANY = sized(20_000, 100_000);

describe(`${MANY} refused requests`, () => {
  it('from one address are ten entries, and one for each flush and window', async () => {
    const { audit, errors, refuseTimes, put } = ledger();
    refuseTimes(0.4 * MANY);
    await audit.flush();
    expect(sumOf(await entriesOf(audit))).toBe(0.4 * MANY); // a flush is done when they are durable
    refuseTimes(0.3 * MANY);
    put(WINDOW);
    refuseTimes(0.2 * MANY);
    put(-2 * WINDOW); // the clock is put back
    refuseTimes(0.1 * MANY);
    await audit.close();
    const entries = await entriesOf(audit);
    expect(counted(entries)).toEqual([0.4 * MANY - 10, 0.3 * MANY, 0.2 * MANY - 10, 0.1 * MANY - 10]);
    expect(entries).toHaveLength(4 + 3 * 10);
    expect(sumOf(entries)).toBe(MANY);
    expect(errors).toEqual([]);
  });

  it(`from ${MANY / 2} addresses are at most 2,001 entries: the addresses that are told apart, and one`, async () => {
    const { audit, errors, refuse } = ledger();
    for (let n = 0; n < MANY; n++) refuse(`10.${(n >> 8) % 250}.${n & 255}.${n % (MANY / 2)}`);
    await audit.close();
    const entries = await entriesOf(audit);
    expect(entries.length).toBeLessThanOrEqual(2_001);
    expect(sumOf(entries)).toBe(MANY);
    expect(entries.filter(({ actor }) => actor === 'various')).toMatchObject([
      { actorType: 'anonymous', metadata: { count: MANY - (entries.length - 1) } },
    ]);
    expect(errors).toEqual([]);
  });
});

describe('exports', () => {
  it('of one thing are ten entries, and one for each flush and window, whose counts add up', async () => {
    const { audit, errors, exportTimes, put } = ledger();
    exportTimes(1_000);
    await audit.flush();
    exportTimes(200);
    put(WINDOW);
    exportTimes(11);
    exportTimes(1, '/other.csv');
    await audit.close();
    const entries = await entriesOf(audit);
    const folds = entries.filter(isFold);
    expect(folds.map(({ resource, actor, outcome }) => [resource, actor, outcome])).toEqual(
      folds.map(() => ['/orders.csv', 'eve', 'success']),
    );
    expect(folds.map(({ metadata }) => Object.keys(metadata!))).toEqual(
      folds.map(() => ['count', 'from', 'to']),
    );
    expect(folds.map(countOf)).toEqual([990, 200, 1]);
    expect(sumOf(entries)).toBe(1_212);
    expect(entries.filter(({ resource }) => resource !== '/orders.csv')).toMatchObject([
      { resource: '/other.csv', metadata: { responseSize: 0 } },
    ]);
    expect(errors).toEqual([]);
  });

  it('add up when the queue is full of one event', async () => {
    const { audit, errors, exportTimes } = ledger({ limits: { queueEvents: 1 } });
    exportTimes(100);
    await audit.flush();
    exportTimes(50);
    await audit.close();
    expect(sumOf(await entriesOf(audit))).toBe(150);
    expect(errors).toEqual([]);
  });

  it('do not count as events that the application recorded itself', async () => {
    const { audit, exportTimes, recorded } = ledger();
    exportTimes(20);
    await audit.flush();
    expect(recorded).not.toHaveBeenCalled();
  });
});

describe('what is counted', () => {
  it('is announced and in the numbers, as any entry', async () => {
    const { audit, refuseTimes } = ledger();
    const recorded: string[] = [];
    audit.on('recorded', ({ id }) => recorded.push(id));
    refuseTimes(25);
    await audit.flush();
    const entries = await entriesOf(audit);
    expect(entries).toHaveLength(11);
    expect(recorded).toEqual(entries.map(({ id }) => id));
    expect(audit.stats()).toMatchObject({ queued: 0, inFlight: 0, recorded: 11, failed: 0 });
  });

  it('is never in another tenant’s chain', async () => {
    const { audit, refuse } = ledger();
    for (let n = 0; n < 3_000; n++) refuse(`192.0.2.${n % 700}`, n % 2 === 0 ? 'acme' : 'globex');
    for (let n = 0; n < 3_000; n++) refuse(`198.51.100.${n}`, n % 2 === 0 ? 'acme' : 'globex');
    await audit.close();
    for (const tenantId of ['acme', 'globex']) {
      const entries = await entriesOf(audit, tenantId);
      expect(sumOf(entries)).toBe(3_000);
      expect(entries.filter(({ actor }) => actor === 'various')).toHaveLength(1);
    }
  });

  it('is refused like anything else once the ledger is closed', async () => {
    const { audit, errors, refuseTimes } = ledger();
    refuseTimes(25);
    await audit.close();
    refuseTimes(2);
    expect(errors).toMatchObject([{ code: 'CLOSED' }, { code: 'CLOSED' }]);
    expect(sumOf(await entriesOf(audit))).toBe(25);
  });

  it('adds up when the queue is full of one event', async () => {
    const { audit, errors, refuseTimes, put } = ledger({ limits: { queueEvents: 1 } });
    refuseTimes(100);
    put(WINDOW);
    refuseTimes(100);
    await audit.flush();
    refuseTimes(50);
    await audit.close();
    expect(sumOf(await entriesOf(audit))).toBe(250);
    expect(errors).toEqual([]);
  });
});

describe('after a crash', () => {
  /** Starts a ledger on what another left, and gives its entries once all is recorded. */
  async function recovered(directory: string) {
    const next = ledger({ spool: { directory } });
    ledgerOf(next.audit).start();
    await onlyOneIn(directory);
    await next.audit.close();
    return { entries: await entriesOf(next.audit), errors: next.errors };
  }

  /** Waits until what was left is recorded and removed: each ledger has a folder in the spool's directory. */
  async function onlyOneIn(directory: string): Promise<void> {
    const folders = () =>
      readdirSync(directory, { withFileTypes: true }).filter((item) => item.isDirectory());
    await until(() => folders().length <= 1, 'what was left is recorded');
  }

  /** Floods a ledger in another process, and kills that after so many batches. */
  async function floodAndKill(task: FloodTask, batches: number): Promise<void> {
    const program = compiledPath('test/support/flood-process.ts');
    const child = fork(program, [JSON.stringify(task)], { execArgv: [] });
    child.on('message', (batch) => batch === batches && child.kill('SIGKILL'));
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }

  /** What a ledger that was killed left: lines by the names of their segments. */
  function leave(segments: Record<string, string[]>): string {
    const directory = temporaryFolder();
    const folder = join(directory, '01900000-0000-7000-8000-000000000000');
    mkdirSync(folder);
    writeFileSync(join(folder, NO_OWNER), '');
    for (const [name, lines] of Object.entries(segments))
      writeFileSync(join(folder, `${name.padStart(16, '0')}.jsonl`), lines.join(''));
    return directory;
  }

  /** Lines of a fold of `count` events, and its end. */
  function foldOf(count: number, id = 'fold-1') {
    const recorder = createDrafter({ sha256, now: Date.now, valueBytes: 65_536 });
    const drafted = recorder({ action: ACTION, tenantId: 'acme', id, outcome: 'denied' }, {}, 'ledger');
    const fold = RepeatedEvent.first(drafted);
    const at = drafted.draft.occurredAt;
    for (let n = 1; n < count; n++) fold.repeat(at);
    return {
      begin: foldLine(serializeDraft(drafted)),
      repeat: repeatLine(id, at),
      end: eventLine(serializeDraft(fold.end())),
    };
  }

  it('what was counted is recorded at the next start, once however often that crashes, too', async () => {
    const directory = temporaryFolder();
    const { refuseTimes, audit } = ledger({ spool: { directory } });
    refuseTimes(5_000);
    const left = crashed(directory); // as it was before anything was recorded
    const again = crashed(left);
    expect(sumOf((await recovered(left)).entries)).toBe(5_000);
    const { entries, errors } = await recovered(again);
    expect(sumOf(entries)).toBe(5_000);
    expect(errors).toEqual([]);
    await audit.close(); // the one that was thought to be gone records the same
    expect(sumOf(await entriesOf(audit))).toBe(5_000);
  });

  it('exports are counted as refusals are, without what the first said of itself', async () => {
    const directory = temporaryFolder();
    const { exportTimes, audit } = ledger({ spool: { directory } });
    exportTimes(500);
    const { entries, errors } = await recovered(crashed(directory));
    expect(entries.find(isFold)).toMatchObject({
      action: 'data.export',
      resource: '/orders.csv',
      metadata: { count: 490 },
    });
    expect(sumOf(entries)).toBe(500);
    expect(errors).toEqual([]);
    await audit.close();
    expect(sumOf(await entriesOf(audit))).toBe(500);
  });

  it('has counted all that was refused by a process that was killed four times', async () => {
    const directory = temporaryFolder();
    const log = join(temporaryFolder(), 'log');
    const task = { uri: sharedDatabaseUri(), dbName: connection.name, directory, log };
    for (const batches of [1, 4, 6, 7]) await floodAndKill(task, batches);

    const { audit, errors } = ledger({ spool: { directory } });
    ledgerOf(audit).start();
    await onlyOneIn(directory);
    await audit.close();
    const tenants = await Promise.all(['t-0', 't-1', 't-2'].map((tenantId) => entriesOf(audit, tenantId)));
    const entries = tenants.flat();
    const letters = readFileSync(log, 'utf8');
    const returned = letters.split('r').length - 1;
    const begun = letters.split('b').length - 1; // each kill may have hit one under way
    expect(returned).toBeGreaterThan(3_000);
    expect(sumOf(entries)).toBeGreaterThanOrEqual(returned);
    expect(sumOf(entries)).toBeLessThanOrEqual(begun);
    expect(begun - returned).toBeLessThanOrEqual(4);
    expect(counted(entries).length).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  it('counts repetitions in all segments', async () => {
    const { begin, repeat } = foldOf(1);
    const { entries, errors } = await recovered(
      leave({ 1: [begin, repeat], 3: [repeat, repeat], 4: [repeat] }),
    );
    expect(entries.map(countOf)).toEqual([5]);
    expect(errors).toEqual([]);
  });

  it('records the end, and not the beginning as well', async () => {
    const { begin, repeat, end } = foldOf(3);
    const { entries, errors } = await recovered(leave({ 1: [begin, repeat], 2: [repeat, end] }));
    expect(entries.map(countOf)).toEqual([3]);
    expect(errors).toEqual([]);
  });

  it('takes repetitions without a beginning for recorded', async () => {
    const { repeat } = foldOf(1);
    const { entries, errors } = await recovered(leave({ 2: [repeat, repeat] }));
    expect(entries).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('is content when the end was recorded, and only older segments are left', async () => {
    const { begin, repeat, end } = foldOf(4);
    await recovered(leave({ 1: [begin, repeat], 2: [repeat, repeat, end] }));
    const directory = leave({ 1: [begin, repeat] });
    const { entries, errors } = await recovered(directory);
    expect(errors).toEqual([]);
    expect(entries.map(countOf)).toEqual([4]);
    const once = await recovered(directory); // it was removed, and is not found again
    expect(once.entries.map(countOf)).toEqual([4]);
  });

  it('says so when the beginning of a fold is damaged, and records the others', async () => {
    const broken = foldOf(1, 'fold-1');
    const sound = foldOf(1, 'fold-2');
    const { entries, errors } = await recovered(
      leave({
        1: [`${broken.begin.slice(0, 100)}\n`, broken.repeat, sound.begin, sound.repeat, broken.repeat],
      }),
    );
    expect(errors).toMatchObject([{ code: 'SPOOL_DAMAGED' }]);
    expect(entries.map((entry) => [entry.id, countOf(entry)])).toEqual([['fold-2', 2]]);
  });

  it('leaves out a beginning that was never accepted, since its line has no end', async () => {
    const { begin } = foldOf(1);
    const { entries, errors } = await recovered(leave({ 1: [begin.slice(0, -1)] }));
    expect(entries).toEqual([]);
    expect(errors).toEqual([]);
  });
});
