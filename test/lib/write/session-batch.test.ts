import type { ClientSession, Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { eventually } from '../../support/eventually';

let connection: Connection;
let audit: Audit;
beforeAll(async () => {
  connection = await connect();
  audit = createAudit({ connection });
});
afterAll(() => audit.close());

const rows = Array.from({ length: 300 }, (_, n) => `row-${n}`);

async function importAll(session: ClientSession): Promise<void> {
  const batch = audit.batch({ session });
  for (const row of rows) batch.event({ tenantId: 't', action: 'contact.import', resource: row });
  expect(batch.size).toBe(rows.length);
  const { count, receipts } = await batch.commit();
  expect([count, receipts[0]]).toEqual([rows.length, expect.objectContaining({ tenantId: 't', seq: null })]);
  await connection.collection('contacts').insertOne({ name: 'x' }, { session });
}

describe('the first transaction of a fresh database', () => {
  it('has what it needs after ready(), and may hold a batch', async () => {
    await audit.ready();
    const names = (await connection.listCollections()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['audit_entries', 'audit_outbox']));
    await connection.collection('contacts').createIndexes([{ key: { name: 1 } }]);
    await connection.transaction(importAll);
    await eventually(async () => {
      const all = await audit.list({ tenantId: 't', order: 'asc', limit: 1000 });
      expect(all.map(({ resource }) => resource)).toEqual(rows);
    });
  });

  it('leaves nothing of a batch when it is aborted', async () => {
    const session = await connection.startSession();
    session.startTransaction();
    await importAll(session);
    await session.abortTransaction();
    await session.endSession();
    await audit.event({ tenantId: 't', action: 'after' });
    expect((await audit.list({ tenantId: 't', limit: 1 }))[0]).toMatchObject({
      action: 'after',
      seq: rows.length + 1,
    });
    expect(await connection.collection('audit_outbox').countDocuments({ event: { $exists: true } })).toBe(0);
  });

  it('refuses what is no session', () => {
    expect(() => audit.batch({ session: 7 } as never)).toThrow(/`session` must be a Mongoose session/);
    expect(audit.batch({}).event({ tenantId: 't', action: 'a' }).size).toBe(1);
  });
});
