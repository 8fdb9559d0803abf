import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { Audit, AuditOptions, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { compiledPath } from '../../support/compiled-path';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import { Load } from '../../support/load';
import { until } from '../../support/deadline';
import { temporaryFolder } from '../../support/temporary';

const quiet = { warn: () => undefined, error: () => undefined };

let database: Database;
let connection: Connection;
let directory: string;
const ledgers: Audit[] = [];

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  directory = temporaryFolder();
  connection = await connectWithTimeout(database.uri, `spill_${Date.now()}`);
});
afterEach(async () => {
  for (const audit of ledgers.splice(0)) await audit.close({ timeoutMs: 1_000 }).catch(() => undefined);
  await connection.close();
});

function ledger(options: AuditOptions = {}) {
  const audit = createAudit({ connection, spool: { directory }, logger: quiet, ...options });
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  ledgers.push(audit);
  return { audit, errors };
}

/** Records events of two tenants in turn; gives their ids, and what became of them. */
function recordMany(audit: Audit, count: number, text = '') {
  const events = Array.from({ length: count }, (_, n) => ({
    tenantId: n % 2 ? 'odd' : 'even',
    action: 'a.b',
    id: `event-${n}`,
    metadata: { n, text },
  }));
  return events.map((event) => audit.event(event));
}

async function numbersOf(audit: Audit, tenantId: string): Promise<unknown[]> {
  const entries = await audit.list({ tenantId, order: 'asc', limit: 1000 });
  return entries.map(({ metadata }) => (metadata as { n: number }).n);
}

function numbers(count: number, first = 0, step = 1): number[] {
  return Array.from({ length: count }, (_, i) => first + i * step);
}

describe('while the database is away and the queue is full', () => {
  it('keeps events in the spool, refuses none, and records all in order once it is back', async () => {
    const { audit, errors } = ledger({ limits: { queueEvents: 10, batch: 7 } });
    await audit.event({ tenantId: 'first', action: 'a.b' });
    await database.stop();
    const receipts = recordMany(audit, 600, 'x'.repeat(5_000)); // more than is read back at a time
    expect(audit.stats().spooled).toBeGreaterThan(500);
    await database.restart();
    await expect(Promise.all(receipts)).resolves.toHaveLength(600);

    expect(await numbersOf(audit, 'even')).toEqual(numbers(300, 0, 2));
    expect(await numbersOf(audit, 'odd')).toEqual(numbers(300, 1, 2));
    expect(audit.stats()).toMatchObject({ spooled: 0, queued: 0, failed: 0, recorded: 601 });
    expect(errors.every((error) => error.message.startsWith('The database does not take events'))).toBe(true);
    await audit.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says which lines were damaged meanwhile, and records the others', async () => {
    const { audit } = ledger({ limits: { queueEvents: 2 } });
    await audit.event({ tenantId: 'first', action: 'a.b' });
    await database.stop();
    const receipts = recordMany(audit, 600, 'x'.repeat(5_000)); // more than is read back at a time
    const [segment = ''] = (readdirSync(directory, { recursive: true }) as string[]).filter((name) =>
      name.endsWith('.jsonl'),
    );
    truncateSync(join(directory, segment), 0);
    await database.restart();
    const ends = await Promise.allSettled<Receipt>(receipts);
    const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(reasons.length).toBeGreaterThanOrEqual(590);
    expect(reasons).toEqual(Array(reasons.length).fill(expect.objectContaining({ code: 'SPOOL_DAMAGED' })));
    await expect(audit.event({ tenantId: 'even', action: 'a.b' })).resolves.toMatchObject({
      tenantId: 'even',
    });
  });

  it('keeps them beyond a close that gives up, and the next ledger records them in order', async () => {
    const { audit } = ledger({ limits: { queueEvents: 10 } });
    await audit.event({ tenantId: 'first', action: 'a.b' });
    await database.stop();
    const ends = Promise.allSettled(recordMany(audit, 100));
    await expect(audit.close({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await ends).toEqual(
      Array(100).fill({ status: 'rejected', reason: expect.objectContaining({ code: 'CLOSED' }) }),
    );
    await audit.close({ timeoutMs: 50 }).catch(() => undefined); // once more does no harm
    await database.restart();
    const { audit: next, errors } = ledger();
    await until(() => readdirSync(directory).length === 1);
    expect(await numbersOf(next, 'even')).toEqual(numbers(50, 0, 2));
    expect(await numbersOf(next, 'odd')).toEqual(numbers(50, 1, 2));
    expect(errors).toEqual([]);
    await next.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('and the process is killed, the next one records all', async () => {
    await database.stop();
    const { name: dbName } = connection;
    const options = { spool: { directory }, limits: { queueEvents: 10 } };
    const task = { uri: database.uri, dbName, tenantId: 'hot', name: 'killed', options, count: 300 };
    const load = new Load(compiledPath('test/support/spool-process.ts'), { ...task, report: 'accepted' });
    await load.reported(300);
    await load.kill();
    await database.restart();
    const { audit } = ledger();
    await until(() => readdirSync(directory).length === 1);
    expect(await numbersOf(audit, 'hot')).toEqual(numbers(300));
    expect(await audit.verify({ tenantId: 'hot' })).toMatchObject({ verdict: 'intact', size: 300 });
  });
});

describe('while the database is away, and queue and spool are full', () => {
  it('refuses with QUEUE_FULL and status 503, and says once that the spool is full', async () => {
    const { audit, errors } = ledger({ limits: { queueEvents: 3, spoolBytes: 3_000 } });
    await audit.event({ tenantId: 'first', action: 'a.b' });
    await database.stop();
    const receipts = recordMany(audit, 50);
    const refused: unknown = await receipts.at(-1)?.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', status: 503 });
    const aboutSpool = errors.filter(({ message }) => message.includes('limits.spoolBytes 3000'));
    expect(aboutSpool).toEqual([expect.objectContaining({ code: 'SPOOL_UNWRITABLE' })]);
    expect(audit.stats().spooled).toBeGreaterThan(0);
    await database.restart();
    await audit.flush();
    expect(await audit.verify({ tenantId: 'even' })).toMatchObject({ verdict: 'intact' });
    const even = await numbersOf(audit, 'even');
    expect(even).toEqual(numbers(even.length, 0, 2)); // those that were refused are the last
  });
});
