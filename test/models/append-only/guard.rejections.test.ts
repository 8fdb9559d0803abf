/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- hostile calls are what no type allows */
import type { Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { isAuditError } from '../../../lib/errors';
import { connect } from '../../support/connection';

type Any = any;

const ONE = { _id: 't:e1' };
const WHOLE = { ...ONE, actor: 'mallory' };

/** What a call of a promise rejects with; what it throws instead is thrown. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => (isAuditError(error) ? error.code : error));
}

/** Calls of the collection that give a promise. */
const PROMISES: [string, (collection: Any) => Any][] = [
  ...(['updateOne', 'updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace'] as const).map(
    (name): [string, (collection: Any) => Any] => [name, (collection) => collection[name](ONE, WHOLE)],
  ),
  ...(
    ['findOneAndDelete', 'deleteOne', 'deleteMany', 'drop', 'dropIndex', 'dropIndexes', 'rename'] as const
  ).map((name): [string, (collection: Any) => Any] => [name, (collection) => collection[name]({})]),
  ['bulkWrite', (collection) => collection.bulkWrite([{ deleteMany: { filter: {} } }])],
  ['createIndex', (collection) => collection.createIndex({ recordedAt: 1 }, { expireAfterSeconds: 1 })],
  ['createIndexes', (collection) => collection.createIndexes([{ key: { a: 1 }, expireAfterSeconds: 1 }])],
];

describe('where the driver gives a promise', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
    createAudit({ connection });
  });

  it.each(PROMISES)('a refusal is a rejection, which .catch() sees: %s', async (_name, call) => {
    expect(await rejection(call(connection.collection('audit_entries')))).toBe('APPEND_ONLY');
  });
});

describe('a test that empties the database', () => {
  it('leaves out the collections of the ledger, or drops all', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    audit.on('error', () => undefined);
    await connection.collection('orders').insertOne({ n: 1 });
    await audit.event({ tenantId: 't', action: 'a.b' });

    const others = Object.values(connection.collections).filter(({ name }) => !name.startsWith('audit_'));
    await Promise.all(others.map((collection) => collection.deleteMany({})));
    expect(await connection.collection('orders').countDocuments()).toBe(0);
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).resolves.toMatchObject({ seq: 2 });

    await connection.dropDatabase();
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).resolves.toMatchObject({ seq: 1 });
    await audit.close();
  });
});

describe('with another name for the collections', () => {
  it('guards that collection, and leaves the usual one alone', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, collections: 'ledger' });
    await audit.event({ tenantId: 't', action: 'a.b' });
    const refused = connection.collection('ledger_entries').deleteMany({});
    expect(await rejection(refused)).toBe('APPEND_ONLY');
    await connection.collection('audit_entries').insertOne({ n: 1 });
    await connection.collection('audit_entries').deleteMany({});
  });
});
