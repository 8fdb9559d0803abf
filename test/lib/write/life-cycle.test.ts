import mongoose, { type Connection } from 'mongoose';
import { Audit, ledgerOf } from '../../../lib/audit';
import { parseOptions } from '../../../lib/options';
import type { Entry, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { type Database, sharedDatabaseUri } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { until } from '../../support/deadline';
import { connectWithTimeout } from '../../support/connect-with-timeout';

const quiet = { warn: () => undefined, error: () => undefined };
const event = { tenantId: 't', action: 'a.b' };

const open = new Set<Audit>();
afterEach(async () => {
  for (const audit of open) await audit.close({ timeoutMs: 0 }).catch(() => undefined);
  open.clear();
});

/** A ledger that ends with the test, and what it said. */
function ledger(connection: Connection, options: object = {}) {
  const audit = createAudit({ connection, logger: quiet, ...options });
  const errors: Error[] = [];
  const recorded: Receipt[] = [];
  audit.on('error', (error) => errors.push(error)).on('recorded', (receipt) => recorded.push(receipt));
  open.add(audit);
  return { audit, errors, recorded };
}

/** The ledger's own chain as it is stored, without asking a ledger. */
async function own(connection: Connection): Promise<Entry[]> {
  const entries = connection.db!.collection('audit_entries').find({ tenantId: 'system' });
  return (await entries.sort({ seq: 1 }).toArray()) as unknown as Entry[];
}

async function actions(connection: Connection): Promise<string[]> {
  return (await own(connection)).map(({ action }) => action);
}

async function ownOf(connection: Connection, action: string, count = 1): Promise<Entry[]> {
  const found = async () => (await own(connection)).filter((entry) => entry.action === action);
  await until(async () => (await found()).length >= count, `${count} entries ${action}`);
  return found();
}

async function alter(connection: Connection, filter: object): Promise<() => Promise<void>> {
  const entries = connection.db!.collection('audit_entries');
  const originals = await entries.find(filter).toArray();
  await entries.updateMany(filter, { $set: { actor: 'mallory' } });
  return async () => {
    for (const original of originals) await entries.replaceOne({ _id: original._id }, original);
  };
}

describe('a ledger', () => {
  it('records that it starts, with its configuration and without secrets, and that it ends', async () => {
    const connection = await connect();
    const redact = { names: ['pet'], values: [/\d{9}/], replace: () => 'x' };
    const { audit } = ledger(connection, { defaultTenant: 'acme', redact, limits: { batch: 7 } });
    await audit.close();
    const [started, stopped, ...more] = await own(connection);
    expect(more).toEqual([]);
    expect(started).toMatchObject({
      seq: 1,
      action: 'ledger.started',
      actor: 'express-audit-ledger',
      actorType: 'system',
      outcome: 'success',
      metadata: {
        pid: process.pid,
        node: process.version,
        configuration: {
          defaultTenant: 'acme',
          limits: { batch: 7, queueEvents: 10_000 },
          redact: { names: ['pet'], values: ['/\\d{9}/'], replace: true },
        },
      },
    });
    expect(stopped).toMatchObject({ seq: 2, action: 'ledger.stopped', metadata: { pid: process.pid } });
    expect(await audit.verify({ tenantId: 'system' })).toMatchObject({ verdict: 'intact', size: 2 });
  });

  it('says so when the connection opens, and not before', async () => {
    const { name } = await connect();
    const connection = mongoose.createConnection();
    const { audit } = ledger(connection);
    await connection.openUri(sharedDatabaseUri(), { dbName: name });
    await ownOf(connection, 'ledger.started');
    await audit.close();
    await connection.close();
  });

  it('starts once, however often the connection opens', async () => {
    const { name } = await connect();
    const connection = mongoose.createConnection();
    const { audit } = ledger(connection);
    await connection.openUri(sharedDatabaseUri(), { dbName: name });
    await ownOf(connection, 'ledger.started');
    await connection.close();
    await connection.openUri(sharedDatabaseUri(), { dbName: name });
    await audit.event(event);
    await audit.close();
    expect(await actions(connection)).toEqual(['ledger.started', 'ledger.stopped']);
    await connection.close();
  });

  it('that is closed before its connection opens records nothing', async () => {
    const { name } = await connect();
    const connection = mongoose.createConnection();
    const { audit, errors } = ledger(connection);
    await audit.close();
    await connection.openUri(sharedDatabaseUri(), { dbName: name });
    const other = ledger(connection);
    await other.audit.close();
    expect(await actions(connection)).toEqual(['ledger.started', 'ledger.stopped']);
    expect(errors).toEqual([]);
    await connection.close();
  });

  it('whose connection was closed before ends without delay, and without an error', async () => {
    const { name } = await connect();
    const connection = await mongoose.createConnection(sharedDatabaseUri(), { dbName: name }).asPromise();
    const { audit, errors } = ledger(connection);
    await audit.event(event);
    await ownOf(connection, 'ledger.started');
    await connection.close();
    const begun = Date.now();
    await audit.close();
    expect(Date.now() - begun).toBeLessThan(20_000); // it would try for good
    expect(errors).toEqual([]);
  });

  it('ends once, however often it is closed', async () => {
    const connection = await connect();
    const { audit } = ledger(connection);
    await audit.close();
    await audit.close();
    expect(await actions(connection)).toEqual(['ledger.started', 'ledger.stopped']);
  });

  it('says last of all that it ends, after failures that it had only counted', async () => {
    const connection = await connect();
    const { audit } = ledger(connection);
    const key = {
      tenantId: 'system',
      action: 'auth.unauthorized_access',
      actor: 'anonymous',
      network: '::1',
      route: '/',
    };
    const scope = { origin: () => ({}), recorded: () => undefined, isOver: false };
    for (let n = 0; n < 30; n++)
      ledgerOf(audit).captured.fold(key, { action: key.action, outcome: 'denied' }, scope);
    await audit.close();
    const all = await actions(connection);
    expect(all.at(-1)).toBe('ledger.stopped');
    expect(all.filter((action) => action === key.action).length).toBeGreaterThan(10);
  });
});

describe("the ledger's own events", () => {
  it('are neither counted nor announced, and take no room of the queue', async () => {
    const { audit, recorded } = ledger(await connect(), { limits: { queueEvents: 1 } });
    const receipt = await audit.event(event); // beside `ledger.started`
    expect(audit.stats()).toMatchObject({ queued: 0, inFlight: 0, recorded: 1, failed: 0 });
    expect(recorded).toEqual([{ ...receipt, action: event.action }]);
  });

  it('are no concern of a flush, even when they cannot be recorded', async () => {
    const connection = await connect();
    await ledger(connection).audit.close();
    const restore = await alter(connection, { tenantId: 'system' });
    const { audit, errors } = ledger(connection);
    await audit.event(event);
    await audit.flush({ timeoutMs: 5_000 });
    await until(() => errors.length > 0, 'the trouble is told of');
    await restore();
    await ownOf(connection, 'ledger.started', 2);
  });
});

describe("when the ledger's own chain was altered", () => {
  it('tells of it once, without end or echo, and records what happened once the chain is as it was', async () => {
    const connection = await connect();
    await ledger(connection).audit.close();
    const restore = await alter(connection, { tenantId: 'system' });
    const { audit, errors } = ledger(connection);
    const retries: unknown[] = [];
    audit.on('retry', (retry) => retries.push(retry));
    await until(() => retries.length >= 3, 'it has tried three times');
    expect(errors).toEqual([expect.objectContaining({ code: 'HEAD_ALTERED' })]);
    await restore();
    await ownOf(connection, 'ledger.resumed');
    expect((await actions(connection)).slice(2)).toEqual([
      'ledger.started',
      'ledger.failure',
      'ledger.resumed',
    ]);
  });
});

describe('when the newest entries of 50 tenants were altered', () => {
  it('records the failure of each once, and that it goes on once they are as they were', async () => {
    const connection = await connect();
    const tenants = Array.from({ length: 50 }, (_, i) => `altered-${i}`);
    const before = ledger(connection);
    await Promise.all(tenants.map((tenantId) => before.audit.event({ ...event, tenantId })));
    await before.audit.close();
    const restore = await alter(connection, { tenantId: /^altered-/ });

    const { audit, errors } = ledger(connection);
    const waiting = tenants.flatMap((tenantId) => [1, 2].map(() => audit.event({ ...event, tenantId })));
    const all = Promise.all(waiting);
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 1 }); // others go on
    const failures = await ownOf(connection, 'ledger.failure', 50);
    await restore();
    await all;
    const resumed = await ownOf(connection, 'ledger.resumed', 50);
    const concerned = (entries: Entry[]) =>
      entries.map(({ metadata }) => (metadata as { tenantId: string }).tenantId);
    expect(concerned(failures).sort()).toEqual([...tenants].sort());
    expect(concerned(resumed).sort()).toEqual([...tenants].sort());
    expect(failures[0]).toMatchObject({ outcome: 'failure', metadata: { code: 'HEAD_ALTERED' } });
    expect(errors).toHaveLength(50);
  });
});

describe('when the queue is full', () => {
  it('records one failure, and at its end how many events were refused', async () => {
    const connection = await connect();
    const { audit } = ledger(connection, { limits: { queueEvents: 4 } });
    const begun = Date.now();
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => audit.event(event)));
    const refused = results.filter(({ status }) => status === 'rejected').length;
    const [resumed] = await ownOf(connection, 'ledger.resumed');
    expect(refused).toBe(26);
    expect(await ownOf(connection, 'ledger.failure')).toMatchObject([{ metadata: { code: 'QUEUE_FULL' } }]);
    const metadata = resumed!.metadata as { since: string };
    expect(metadata).toMatchObject({ code: 'QUEUE_FULL', refused });
    expect(Date.parse(metadata.since)).toBeGreaterThanOrEqual(begun);
    expect(Date.parse(metadata.since)).toBeLessThanOrEqual(Date.now());
  });
});

describe('when the database can be read and not written to', () => {
  it('tells of it once, and not at each look at the outbox', async () => {
    const { name } = await connect();
    const options = { dbName: name, monitorCommands: true };
    const connection = await mongoose.createConnection(sharedDatabaseUri(), options).asPromise();
    let looks = 0;
    connection.getClient().on('commandStarted', ({ command }) => {
      if (command['find'] === 'audit_outbox') looks++;
    });
    const entries = connection.db!.collection('audit_entries');
    await entries.insertMany([1, 2].map(() => ({ tenantId: 'x', seq: 1 }))); // no unique index can be made
    const { audit, errors } = ledger(connection);
    await until(() => looks >= 4, 'the outbox was looked at four times');
    expect(errors).toHaveLength(1);
    await entries.deleteMany({ tenantId: 'x' });
    await audit.event(event);
    await ownOf(connection, 'ledger.resumed');
    expect(await actions(connection)).toEqual(['ledger.started', 'ledger.failure', 'ledger.resumed']);
    await audit.close();
    await connection.close();
  });
});

describe("when a predecessor's clock is ahead, and two processes write", () => {
  it('sounds one alarm in each', async () => {
    const connection = await connect();
    const ahead = { now: () => Date.now() + 3_600_000, random: Math.random };
    const first = new Audit(new MongoStore(connection), parseOptions({ logger: quiet }), ahead);
    await first.event(event);
    const ledgers = [ledger(connection), ledger(connection)];
    for (let n = 0; n < 10; n++) for (const { audit } of ledgers) await audit.event(event); // each finds the other faster
    for (const { errors } of ledgers) expect(errors).toHaveLength(1);
    await first.close();
  });
});

describe('when the database is away', () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.close());

  it('records the outage in its own chain once it is over, with its length, and one error tells of it', async () => {
    const connection = await connectWithTimeout(database.uri, 'away');
    const { audit, errors } = ledger(connection);
    await audit.event(event);
    await database.kill();
    const since = Date.now();
    const waiting = audit.event(event);
    await until(() => errors.length > 0, 'the outage is told of');
    await database.restart();
    await waiting;
    const [resumed] = await ownOf(connection, 'ledger.resumed');
    await audit.close();
    const about = resumed!.metadata as { since: string; code: string };
    expect(about.code).toBe('STORE_UNAVAILABLE');
    expect(Date.parse(about.since)).toBeGreaterThanOrEqual(since - 5_000);
    expect(errors).toEqual([expect.objectContaining({ code: 'STORE_UNAVAILABLE' })]);
    expect(await actions(connection)).toEqual([
      'ledger.started',
      'ledger.failure',
      'ledger.resumed',
      'ledger.stopped',
    ]);
    await connection.close();
  });
});
