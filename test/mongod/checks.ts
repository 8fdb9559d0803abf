import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type Connection, type ConnectOptions } from 'mongoose';
import { type Audit, createAudit } from '../../index';
import { until } from '../support/deadline';
import { newKey } from '../support/signing';
import { runWriters } from '../support/writers';
import { type Members, startMembers } from './members';

const WRITERS = 3;
const EVENTS = 1_500;

let members: Members;
const opened: Connection[] = [];

beforeAll(async () => {
  members = await startMembers();
});
afterAll(async () => {
  for (const connection of opened) await connection.close(true);
  await members.stop();
});

async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const dbName = `check_${randomBytes(6).toString('hex')}`;
  const connection = await mongoose.createConnection(members.uri, { dbName, ...options }).asPromise();
  opened.push(connection);
  return connection;
}

/** What an audit told of, but for outages. */
function alarms(audit: Audit): string[] {
  const codes: string[] = [];
  audit.on('error', (error) => {
    const { code = error.message } = error as Error & { code?: string };
    if (code !== 'STORE_UNAVAILABLE') codes.push(code);
  });
  return codes;
}

describe.each([
  ['primaries step down', () => members.stepDown()],
  ['primaries are killed', () => members.killPrimary()],
])('while %s', (_what, disturb) => {
  it('three writers record each event once, and no checkpoint is contradicted', async () => {
    const connection = await connect();
    const file = join(mkdtempSync(join(tmpdir(), 'audit-check-')), 'checkpoints');
    const options = { ledger: 'l.example', signingKey: newKey(), checkpoints: { everyEntries: 50, file } };
    const audit = createAudit({ connection, ...options });
    const told = alarms(audit);
    const task = { uri: members.uri, dbName: connection.name, tenantId: 't', count: EVENTS, batch: 20 };
    const writers = runWriters(Array.from({ length: WRITERS }, (_, n) => ({ ...task, name: `w${n}` })));
    const over = new AbortController();
    const verdicts = new Set<string>();
    const disturbed = (async () => {
      while (!over.signal.aborted) {
        await disturb();
        await audit.event({ tenantId: 't', action: 'a.b' });
        await audit.checkpoint('t').catch(outage);
        const report = await audit.verify({ tenantId: 't' }).catch(outage);
        if (report) verdicts.add(report.verdict);
      }
    })();
    const receipts = (await writers).flat();
    over.abort();
    await disturbed;
    expect(told).toEqual([]);
    expect([...verdicts]).toEqual(['intact']);
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact' });
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(WRITERS * EVENTS);
    for (const { tenantId, id, seq, hash } of receipts)
      expect(await audit.get({ tenantId, id })).toMatchObject({ seq, hash });
    await audit.close();
  });
});

/** Errors of the driver are an election; ours would be alarms. */
function outage(error: unknown): undefined {
  if ((error as { name?: string }).name === 'AuditError') throw error;
  return undefined;
}

describe('while no majority acknowledges anything', () => {
  it('the application goes on with a small pool, and all is recorded once behind it', async () => {
    const connection = await connect({ maxPoolSize: 20, w: 1 });
    const things = connection.db!.collection('things');
    const audit = createAudit({ connection, logger: { warn: () => undefined, error: () => undefined } });
    await audit.event({ tenantId: 't0', action: 'a.b' });
    await members.holdMajority(true);
    const waiting = Array.from({ length: 40 }, (_, n) => audit.event({ tenantId: `t${n}`, action: 'a.b' }));
    // Longer than an insert waits, so that each was tried more than once.
    await until(() => audit.stats().retries >= 40, 'all were tried in vain');
    for (let n = 0; n < 100; n++) {
      await things.insertOne({ n }, { writeConcern: { w: 1 } });
      expect(await things.findOne({ n })).toMatchObject({ n });
    }
    await members.holdMajority(false);
    expect(await Promise.all(waiting)).toHaveLength(40);
    for (let n = 0; n < 40; n++)
      expect(await audit.verify({ tenantId: `t${n}` })).toMatchObject({ verdict: 'intact', size: n ? 1 : 2 });
    await audit.close();
  });
});

describe('with options of the connection', () => {
  it.each([
    ['the Stable API', { serverApi: { version: '1', strict: true, deprecationErrors: true } }],
    ['reads from secondaries', { readPreference: 'secondaryPreferred' }],
    ['no retryable writes', { retryWrites: false }],
  ] as [string, ConnectOptions][])('such as %s all calls do what they do', async (_what, options) => {
    const connection = await connect(options);
    const audit = createAudit({ connection, ledger: 'l.example', signingKey: newKey() });
    const told = alarms(audit);
    for (let n = 0; n < 20; n++) {
      const { id } = await audit.event({ tenantId: 't', action: `org.a${n % 3}` });
      expect((await audit.list({ tenantId: 't', action: 'org.*', limit: 1 }))[0]?.id).toBe(id);
    }
    await audit.checkpoint('t');
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    await audit.close();
    expect(told).toEqual([]);
  });
});

describe('a collection that was made with a collation', () => {
  it('is refused', async () => {
    const connection = await connect();
    await connection.db!.createCollection('audit_entries', { collation: { locale: 'en', strength: 2 } });
    const audit = createAudit({ connection, logger: { warn: () => undefined, error: () => undefined } });
    const event = audit.event({ tenantId: 't', action: 'a.b' });
    await expect(event).rejects.toMatchObject({ code: 'UNSUITABLE_COLLECTION' });
    await audit.close({ timeoutMs: 0 }).catch(() => undefined);
  });
});
