import type { Connection } from 'mongoose';
import type { Audit, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import type { OutageReport } from '../../support/outage-process';
import { reportOf } from '../../support/report-of';
import { until } from '../../support/deadline';
import { sized } from '../../support/sized';

const quiet = { warn: () => undefined, error: () => undefined };
const event = { tenantId: 't', action: 'a.b' };

let database: Database;
let connection: Connection;

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  connection = await connectWithTimeout(database.uri, `outage_${Date.now()}`);
});
afterEach(async () => {
  await connection.close();
});

/** Fewer than the queue takes: a database that is slow to come back must not make it full. */
const MOST = 1_000;

/** Records without pause until told to stop, and gives the ids of all that was accepted. */
function keepRecording(audit: Audit): { count(): number; stop(): Promise<Receipt[]> } {
  const receipts: Promise<Receipt>[] = [];
  const record = () => {
    if (receipts.length < MOST) receipts.push(audit.event({ ...event, metadata: { n: receipts.length } }));
  };
  const timer = setInterval(record, 2);
  return {
    count: () => receipts.length,
    stop: () => {
      clearInterval(timer);
      return Promise.all(receipts);
    },
  };
}

describe('when the database is away for a while under load', () => {
  it('stores every accepted event once, in order', async () => {
    const audit = createAudit({ connection });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    const load = keepRecording(audit);
    await new Promise((resolve) => audit.on('recorded', resolve));
    await database.kill();
    await until(() => load.count() > 500, 'there is a load');
    const { retries } = audit.stats();
    await until(() => audit.stats().retries >= retries + sized(1, 5), 'it was tried in vain');
    await database.restart();
    const receipts = await load.stop();

    expect(receipts.length).toBeGreaterThan(500);
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, i) => i + 1));
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact', size: receipts.length });
    expect(errors).toEqual([expect.objectContaining({ code: 'STORE_UNAVAILABLE' })]); // one outage, one error
  });
});

describe('while the database is away', () => {
  it('refuses at the bound of the queue, says what a flush leaves behind, and records it later', async () => {
    const audit = createAudit({ connection, limits: { queueEvents: 8 }, logger: quiet });
    await audit.event(event);
    await database.stop();
    const accepted = Array.from({ length: 8 }, (_, n) => audit.event({ ...event, id: `event-${n}` }));
    await expect(audit.event(event)).rejects.toMatchObject({ code: 'QUEUE_FULL', status: 503 });
    const error: unknown = await audit.flush({ timeoutMs: 50 }).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      events: accepted.map((_, n) => ({ tenantId: 't', id: `event-${n}` })),
    });
    expect((error as Error).message).toContain('8 events are not durable: "t"/"event-0"');
    await database.restart();
    await expect(Promise.all(accepted)).resolves.toHaveLength(8);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 9 });
  });

  it('gives up at a close with a time limit, and tells each caller', async () => {
    const audit = createAudit({ connection, logger: quiet });
    await audit.event(event);
    await database.stop();
    const waiting = audit.event(event).catch((error: unknown) => error);
    await expect(audit.close({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    await database.restart();
  });

  it('gives Node.js nothing to warn of, however many tenants wait', async () => {
    const report = await reportOf<OutageReport>('test/support/outage-process.ts', ['40']);
    expect(report).toEqual({ warnings: [] });
  });

  it('prepares the store once it is there', async () => {
    await database.stop();
    const audit = createAudit({ connection, logger: quiet });
    const retried = new Promise((resolve) => audit.on('retry', resolve));
    const receipt = audit.event(event);
    await retried;
    await database.restart();
    await expect(receipt).resolves.toMatchObject({ seq: 1 });
    const indexes = await connection.db!.collection('audit_entries').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { tenantId: 1, seq: 1 }, unique: true }));
  });
});
