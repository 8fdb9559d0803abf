import type { Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { sha256 } from '../../../lib/crypto/node';
import { serializeDraft } from '../../../lib/event/draft-json';
import { createDrafter } from '../../../lib/event/drafter';
import { newId } from '../../../lib/event/id';
import { until } from '../../support/deadline';
import { failingServer } from '../../support/fail-points';

const server = failingServer();
const record = createDrafter({ sha256, now: Date.now, valueBytes: 65_536 });
const quiet = { warn: () => undefined, error: () => undefined };

let connection: Connection;
let audit: Audit;
let errors: { code?: string; message: string }[];

const event = (n: number, metadata: object = {}) => ({ tenantId: 't', action: 'a.b', id: `e${n}`, metadata });
const bad = (n: number) => event(n, { forbidden: 'x' });

function open(): void {
  errors = [];
  audit = createAudit({ connection, logger: quiet });
  audit.on('error', (error) => errors.push(error));
}

beforeEach(async () => {
  connection = await server.connect();
  // As an administrator may add one afterwards.
  const validator = { 'metadata.forbidden': { $exists: false } };
  await connection.db!.createCollection('audit_entries', { validator });
  open();
});
afterEach(async () => {
  await audit.close({ timeoutMs: 5_000 }).catch(() => undefined);
});

async function failures(): Promise<object[]> {
  await audit.flush();
  const own = await audit.list({ tenantId: 'system', action: 'ledger.failure' });
  return own.map(({ metadata }) => metadata as object);
}

describe('an event that the database does not take', () => {
  const refused = {
    code: 'EVENT_REFUSED',
    message: expect.stringContaining('"e2" of the tenant "t"') as string,
  };

  it('fails alone, among others', async () => {
    const results = await Promise.allSettled([1, 2, 3].map((n) => audit.event(n === 2 ? bad(n) : event(n))));
    expect(results).toMatchObject([{ value: { seq: 1 } }, { reason: refused }, { value: { seq: 2 } }]);
    await until(async () => (await failures()).length === 1, 'it is recorded');
    expect(await failures()).toMatchObject([{ code: 'EVENT_REFUSED', event: { tenantId: 't', id: 'e2' } }]);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 2 });
  });

  it('fails by itself, and the chain goes on', async () => {
    await expect(audit.event(bad(2))).rejects.toMatchObject(refused);
    expect((await audit.event(event(3))).seq).toBe(1);
    expect(await failures()).toMatchObject([{ code: 'EVENT_REFUSED' }]);
    expect(errors).toEqual([]); // its caller knows
  });

  it('fails in a batch, of which all others are recorded', async () => {
    const batch = audit.batch();
    for (let n = 0; n < 20; n++) batch.event(n % 7 === 2 ? bad(n) : event(n));
    await expect(batch.commit()).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 17 });
  });

  it('stays in the outbox, whose callers have committed', async () => {
    await connection.transaction(async (session) => {
      await audit.event(bad(2), { session });
      await audit.event(event(3), { session });
    });
    await until(() => errors.some(({ code }) => code === 'EVENT_REFUSED'), 'it is reported');
    await until(async () => (await audit.get({ tenantId: 't', id: 'e3' })) !== null, 'the other is recorded');
    await until(
      async () =>
        (await connection.db!.collection('audit_outbox').countDocuments({ at: { $exists: true } })) === 1,
      'one is left',
    );
  });

  it('is told of once though it cannot be set aside, and is set aside when it can be', async () => {
    const outbox = connection.db!.collection('audit_outbox');
    await audit.event(event(1));
    await server.fail(['update'], { errorCode: 13 }, 'alwaysOn'); // as where the role may not
    await connection.transaction((session) => audit.event(bad(2), { session }));
    await until(() => errors.some(({ code }) => code === 'EVENT_REFUSED'), 'it is told of');
    expect(await outbox.countDocuments({ holder: 'refused' })).toBe(0);
    await server.mend();
    await until(async () => (await outbox.countDocuments({ holder: 'refused' })) === 1, 'it is set aside');
    expect(errors).toMatchObject([refused]);
  });

  it('is set aside in the outbox by whoever finds it so, and holds up nothing that follows it, in no process', async () => {
    const other = createAudit({ connection, logger: quiet });
    other.on('error', (error) => errors.push(error));
    const outbox = connection.db!.collection<{ _id: string }>('audit_outbox');
    const setAside = { holder: 'refused' };
    await audit.event(event(1));
    await other.event(event(5)); // both have made sure of what a transaction needs
    await connection.transaction((session) => audit.event(bad(2), { session }));
    await until(async () => (await outbox.countDocuments(setAside)) === 1, 'it is set aside');
    const [item] = await outbox.find(setAside).toArray();
    const follower = {
      _id: newId(),
      at: new Date(0),
      event: serializeDraft(record(event(4), {}, 'application')),
      subject: 'a document',
      follows: [item!._id],
    };
    await outbox.insertOne(follower);
    await until(async () => (await other.get({ tenantId: 't', id: 'e4' })) !== null, 'the next is recorded');
    await until(() => errors.length > 0, 'it is told of');
    expect(errors).toMatchObject([refused]);
    // An operator may have it taken.
    await connection.db!.command({ collMod: 'audit_entries', validator: {} });
    await outbox.updateMany(setAside, { $unset: { holder: 1 } });
    await until(async () => (await other.get({ tenantId: 't', id: 'e2' })) !== null, 'it is recorded');
    expect(errors).toHaveLength(1);
    await other.close();
  });
});

describe('a database that takes nothing', () => {
  it('refuses no event for good, whatever it says', async () => {
    await audit.event(event(0));
    const namespace = `${connection.name}.audit_entries`;
    await server.fail(['insert'], { errorCode: 121, namespace }, 'alwaysOn');
    const waiting = [1, 2].map((n) => audit.event(event(n)));
    await until(() => errors.some(({ code }) => code === 'STORE_UNAVAILABLE'), 'the outage is told of');
    await server.mend();
    expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('is told of when it answers that something else is there, though nobody writes', async () => {
    await audit.event(event(0));
    const namespace = `${connection.name}.audit_entries`;
    await server.fail(['insert'], { errorCode: 11_000, namespace }, 'alwaysOn');
    const waiting = audit.event(event(1));
    await until(() => errors.some(({ code }) => code === 'STORE_UNAVAILABLE'), 'the standstill is told of');
    await server.mend();
    expect((await waiting).seq).toBe(2);
  });
});

describe('an insert that is carried out', () => {
  it.each([64, 91, 189, 11_602])('and is said not to be replicated (%d), is recorded once', async (code) => {
    await audit.event(event(0));
    const writeConcernError = { code, codeName: 'Some', errmsg: 'not replicated' };
    await server.fail(['insert'], { writeConcernError }, { times: 2 });
    const receipts = await Promise.all([1, 2].map((n) => audit.event(event(n))));
    expect(receipts.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 3 });
  });

  it.each([1, 2])('and whose answer is lost %d times, is recorded once', async (times) => {
    await audit.event(event(0));
    await server.set('onPrimaryTransactionalWrite', { times });
    expect((await audit.event(event(1))).seq).toBe(2);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 2 });
  });
});
