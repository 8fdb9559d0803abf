import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Connection, mongo } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { randomFrom } from '../../support/damage';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { checkpointPoison, outboxPoison, plantFolder, tilePoison } from '../../support/poison';
import type { PoisonedReport } from '../../support/poisoned-process';
import { LEDGER, newKey, pemOf } from '../../support/signing';
import { isLong, sized } from '../../support/sized';
import { temporaryFolder } from '../../support/temporary';

/** Random documents in all, in portions of so many; processes that record meanwhile, and the events of each. */
const DOCUMENTS = sized(400, 10_000);
const PORTION = sized(40, 200);
const PROCESSES = sized(2, 4);
const EVENTS = sized(100, 500);

/** What the event loop may stand still for, in milliseconds: or for as long as some of the largest documents take there. */
const STILL = 200;
const LARGEST = 2;

/** What may be told of: what was put in, and that nothing is signed against it. Never the database. */
const EXPECTED = new Set([
  'UNREADABLE',
  'SPOOL_DAMAGED',
  'CHECKPOINT_CONTRADICTED',
  'ID_CONFLICT',
  'ENTRY_ALTERED',
  'RECORDING_STALLED', // on a busy machine
  'RECORDING_TIMEOUT',
]);

const SEED = Number(process.env['AUDIT_TEST_SEED'] ?? 1);

async function insert(collection: mongo.Collection, documents: unknown[]): Promise<void> {
  // Two may have one _id, and some are refused by the database itself.
  await collection
    .insertMany(documents as never[], { ordered: false, ignoreUndefined: true })
    .catch(() => undefined);
}

async function poison({ db }: Connection, directory: string): Promise<void> {
  const random = randomFrom(SEED);
  const made = (make: (random: ReturnType<typeof randomFrom>) => unknown, count: number) =>
    Array.from({ length: count }, () => make(random));
  for (let done = 0; done < DOCUMENTS; done += PORTION) {
    await insert(db!.collection('audit_outbox'), made(outboxPoison, PORTION / 2));
    await insert(db!.collection('audit_tiles'), made(tilePoison, PORTION / 8));
    await insert(db!.collection('audit_checkpoints'), made(checkpointPoison, PORTION / 8));
    for (let n = 0; n < PORTION / 4; n++) plantFolder(directory, random);
  }
}

describe(`when ${DOCUMENTS} documents of any kind are put beside the entries while ${PROCESSES} processes record`, () => {
  let children: ChildProcess[] = [];
  afterEach(() => children.forEach((child) => child.kill('SIGKILL')));

  it(
    'records each honest event once, ends no process, blames nothing else, and says what is there',
    async () => {
      const connection = await connect();
      const directory = temporaryFolder();
      const signingKey = pemOf(newKey());
      const task = {
        uri: sharedDatabaseUri(),
        dbName: connection.name,
        directory,
        ledger: LEDGER,
        signingKey,
      };
      const program = compiledPath('test/support/poisoned-process.ts');
      children = Array.from({ length: PROCESSES }, (_, n) =>
        fork(
          program,
          [JSON.stringify({ ...task, name: `p${n}`, tenants: ['hot', 'quiet', `own-${n}`], count: EVENTS })],
          { execArgv: [] },
        ),
      );
      const recorded = Promise.all(children.map((child) => once(child, 'message')));
      await poison(connection, directory);
      await recorded;
      const outbox = connection.db!.collection('audit_outbox');
      await until(
        async () => (await outbox.countDocuments({ holder: { $exists: false } })) === 0,
        'all items are linked or set aside',
      );
      const ending = children.map(async (child) => {
        const said = once(child, 'message');
        child.send('end');
        const [report] = (await said) as [PoisonedReport];
        const [code] = (await once(child, 'exit')) as [number | null];
        return { ...report, code };
      });
      const reports = await Promise.all(ending);
      expect(reports.map(({ code }) => code)).toEqual(reports.map(() => 0));
      expect(reports.flatMap(({ codes }) => codes).filter((code) => !EXPECTED.has(code))).toEqual([]);
      const still = Math.max(...reports.map(({ stillMs }) => stillMs));
      const bound = Math.max(STILL, LARGEST * Math.max(...reports.map(({ largestMs }) => largestMs)));
      if (isLong) console.info(`still for at most ${still} ms of processor time, of ${bound}`);
      expect(still).toBeLessThanOrEqual(bound);

      const audit = createAudit({ connection, logger: { warn: () => undefined, error: () => undefined } });
      const honest = new Map<string, string[]>();
      for (const [tenantId, id] of reports.flatMap(({ ids }) => ids))
        honest.set(tenantId, [...(honest.get(tenantId) ?? []), id]);
      const checkpoints = connection.db!.collection('audit_checkpoints');
      // False checkpoints are told of, and are all that is told of; without them the chain is intact.
      for (const tenantId of honest.keys()) {
        const kinds = (await audit.verify({ tenantId })).problems.map(({ kind }) => kind);
        expect(['unreadable', 'rewritten', 'truncated']).toEqual(expect.arrayContaining([...new Set(kinds)]));
      }
      await checkpoints.deleteMany({});
      for (const [tenantId, ids] of honest) {
        const found = (await allEntries(audit, tenantId)).map(({ id }) => id).filter((id) => /^p\d/.test(id));
        expect(found.sort()).toEqual([...ids].sort());
      }
      await allEntries(audit, 'stranger');
      // Nothing that lay there speaks for the ledger.
      const own = await allEntries(audit, 'system');
      const stated = own.filter(
        ({ action }) => action === 'ledger.checkpoint' || action === 'ledger.reopened',
      );
      expect(stated.filter(({ metadata }) => !(metadata as { note?: string }).note)).toEqual([]);
      expect(own.filter(({ actor }) => actor === 'mallory')).toEqual([]);
      await audit.close();
    },
    sized(600_000, 3_600_000),
  );
});
