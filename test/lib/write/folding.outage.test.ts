import type { Connection } from 'mongoose';
import { Audit, ledgerOf } from '../../../lib/audit';
import { type AuditError, isAuditError } from '../../../lib/errors';
import { type LedgerOptions, parseOptions } from '../../../lib/options';
import { MongoStore } from '../../../models/store/mongo-store';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { until } from '../../support/deadline';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import { CALLER, countOf, sumOf } from '../../support/refused';

let database: Database;
let connection: Connection;

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  connection = await connectWithTimeout(database.uri, `folding_${Date.now()}`);
});
afterEach(async () => {
  await connection.close();
});

/** A ledger that has recorded something, and then lost its database. */
async function setUp(options: LedgerOptions = {}) {
  let now = Date.now();
  const audit = new Audit(new MongoStore(connection), parseOptions(options), {
    now: () => now,
    random: Math.random,
  });
  const codes = new Set<unknown>();
  audit.on('error', (error) => codes.add(isAuditError(error) ? error.code : error));
  await audit.event({ tenantId: 'acme', action: 'a.b' });
  await database.stop();
  const scope = { origin: () => ({}), recorded: () => undefined, isOver: true };
  const refuse = (times: number) => {
    for (let n = 0; n < times; n++)
      ledgerOf(audit).captured.fold(
        CALLER,
        { action: CALLER.action, outcome: 'denied', metadata: {} },
        scope,
      );
  };
  const entries = async () => {
    const page = await audit.list({ tenantId: 'acme', order: 'asc', limit: 1000 });
    expect(await audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact', size: page.length });
    return page.filter(({ action }) => action === CALLER.action);
  };
  return { audit, codes, refuse, entries, put: (on: number) => (now += on) };
}

async function rejectionOf(promise: Promise<void>): Promise<AuditError> {
  return promise.then(
    () => Promise.reject(new Error('it resolved')),
    (error: unknown) => error as AuditError,
  );
}

describe('when the database is away while refusals are counted', () => {
  it('a flush says what is not durable, and all of it is recorded later', async () => {
    const { audit, codes, refuse, entries, put } = await setUp();
    refuse(30);
    put(60_000);
    refuse(20);
    const { code, events } = await rejectionOf(audit.flush({ timeoutMs: 50 }));
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(events).toHaveLength(22);
    await until(() => codes.has('STORE_UNAVAILABLE'), 'the ledger knows that its database is away');
    await database.restart();
    await audit.close();
    const recorded = await entries();
    expect(recorded.filter(({ metadata }) => metadata).map(countOf)).toEqual([20, 10]);
    expect(sumOf(recorded)).toBe(50);
    expect([...codes]).toEqual(['STORE_UNAVAILABLE']);
  });

  it('those that the full queue does not take are counted as well', async () => {
    const { audit, codes, refuse, entries } = await setUp({ limits: { queueEvents: 4 } });
    refuse(3);
    for (let n = 0; n < 4; n++) audit.event({ tenantId: 'acme', action: 'a.b' }).catch(() => undefined);
    refuse(97);
    await audit.flush({ timeoutMs: 50 }).catch(() => undefined);
    refuse(50);
    await until(() => codes.has('STORE_UNAVAILABLE'), 'the ledger knows that its database is away');
    await database.restart();
    await audit.close();
    expect(sumOf(await entries())).toBe(150);
    expect([...codes]).toEqual(['STORE_UNAVAILABLE']); // what was refused, its callers have handled
  });

  it('a close that gives up says what is lost with the process', async () => {
    const { audit, codes, refuse } = await setUp();
    refuse(30);
    const { code, events } = await rejectionOf(audit.close({ timeoutMs: 50 }));
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(events).toHaveLength(11);
    expect(codes).toContain('CLOSED');
    await database.restart();
  });
});
