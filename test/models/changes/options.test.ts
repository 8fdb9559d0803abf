import mongoose, { type Connection, Schema } from 'mongoose';
import { type Audit, auditChanges, type ChangeOptions, type Entry } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { createTestAudit } from '../../../testing';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';

let connection: Connection;
let audit: Audit;
beforeAll(async () => {
  connection = await connect();
  audit = createAudit({ connection });
  await audit.event({ tenantId: 'first', action: 'a.b' });
});
afterAll(() => audit.close());

let last = 0;

function modelWith(options: Partial<ChangeOptions>, on = connection) {
  const schema = new Schema(
    {
      tenant: String,
      name: String,
      seen: Number,
      secret: { type: String, select: false },
      keys: [{ label: String, token: { type: String, select: false } }],
      address: { city: String, zip: String },
    },
    { versionKey: false },
  );
  schema.plugin(auditChanges, { name: 'contact', audit, ...options });
  return on.model(`Model${++last}`, schema);
}

/** The entries that something leaves in a chain of its own. */
async function recorded(work: () => Promise<unknown>, tenantId = `t${++last}`): Promise<Entry[]> {
  await audit.runAs({ tenantId, actor: 'ann' }, work);
  await audit.flush();
  return [...(await audit.list({ tenantId, order: 'asc', limit: 1000 }))];
}

const changedIn = ({ metadata }: Entry) => (metadata as { changed: string[] }).changed;

it('what queries leave out is named when it changes, and its value is left out', async () => {
  const Contact = modelWith({});
  const [made, changed] = await recorded(async () => {
    const one = await Contact.create({ name: 'a', secret: 'hush', keys: [{ label: 'l', token: 'tok' }] });
    one.secret = 'other';
    await one.save();
  });
  expect(JSON.stringify([made, changed])).not.toMatch(/hush|other|tok"/);
  expect(changedIn(changed!)).toEqual(['secret']);
  expect(made!.after).toMatchObject({ name: 'a', keys: [{ label: 'l' }] });
});

it('is recorded where `only` names it, and nothing else is', async () => {
  const Contact = modelWith({ only: ['name', 'keys.token', 'address.city'] });
  const entries = await recorded(async () => {
    const one = await Contact.create({ name: 'a', seen: 1, address: { city: 'Ulm', zip: '1' } });
    await Contact.updateOne({ _id: one._id }, { seen: 2, 'address.zip': '2' });
    await Contact.updateOne({ _id: one._id }, { 'address.city': 'Bonn' });
  });
  expect(entries.map(changedIn)).toEqual([['name', 'address', 'keys'], ['address.city']]);
  expect(Object.keys(entries[1]!.after as object).sort()).toEqual(['_id', 'address', 'keys', 'name']);
  expect((entries[1]!.after as { address: object }).address).toEqual({ city: 'Bonn' });
});

it('a change of nothing but what is excepted is none', async () => {
  const Contact = modelWith({ except: ['seen'] });
  const entries = await recorded(async () => {
    const one = await Contact.create({ name: 'a', seen: 1 });
    await Contact.updateMany({}, { $inc: { seen: 1 } });
    await Contact.updateOne({ _id: one._id }, { $inc: { seen: 1 }, name: 'b' });
  });
  expect(entries.map(changedIn)).toEqual([['name', 'keys'], ['name']]);
  expect(entries[1]!.after).not.toHaveProperty('seen');
});

it.each([
  ['a path', 'tenant'],
  ['a function', (document: Record<string, unknown>) => document['tenant'] as string],
])('the tenant is that of the document, by %s, also of one that is gone', async (_, tenant) => {
  const Contact = modelWith({ tenant });
  const owner = `owner${++last}`;
  const entries = await recorded(async () => {
    await Contact.create({ tenant: owner });
    await Contact.deleteOne({ tenant: owner });
  });
  expect(entries).toEqual([]);
  const owned = await audit.list({ tenantId: owner, order: 'asc' });
  expect(owned.map(({ action, actor }) => [action, actor])).toEqual([
    ['contact.create', 'ann'],
    ['contact.delete', 'ann'],
  ]);
});

it('without a tenant nothing is written', async () => {
  const Contact = modelWith({});
  await expect(Contact.create({ name: 'a' })).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
  await expect(
    connection.transaction((session) => Contact.create([{ name: 'b' }], { session })),
  ).rejects.toMatchObject({
    code: 'TENANT_REQUIRED',
  });
  expect(await Contact.countDocuments()).toBe(0);
});

it('the actor of the option acts where no scope says who does', async () => {
  const owner = `owner${++last}`;
  const Contact = modelWith({ tenant: () => owner, actor: { id: 'nightly', type: 'service' } });
  await Contact.create({ name: 'a' });
  await audit.runAs({ actor: 'ann' }, () => Contact.create({ name: 'b' }));
  await audit.flush();
  const entries = await audit.list({ tenantId: owner, order: 'asc' });
  expect(entries.map(({ actor }) => actor)).toEqual(['nightly', 'ann']);
  expect(entries[0]!.actorType).toBe('service');
});

it('the action is chosen by what became of the document', async () => {
  const action: ChangeOptions['action'] = ({ kind, changed }) =>
    changed.includes('seen') && kind === 'update' ? 'contact.see' : `contact.${kind}`;
  const Contact = modelWith({ action });
  const entries = await recorded(async () => {
    const one = await Contact.create({ name: 'a' });
    await Contact.updateOne({ _id: one._id }, { seen: 1 });
  });
  expect(entries.map(({ action }) => action)).toEqual(['contact.create', 'contact.see']);
});

it('a transaction that changes a document often has one event of it, and none of what it undoes', async () => {
  const Contact = modelWith({});
  const entries = await recorded(async () => {
    const old = await Contact.create({ name: 'old' });
    const same = await Contact.create({ name: 'same' });
    await connection.transaction(async (session) => {
      await Contact.updateOne({ _id: old._id }, { name: 'between' }, { session });
      await Contact.updateOne({ _id: old._id }, { name: 'new', seen: 1 }, { session });
      await Contact.updateOne({ _id: same._id }, { name: 'other' }, { session });
      await Contact.updateOne({ _id: same._id }, { name: 'same' }, { session });
      const [brief] = await Contact.create([{ name: 'brief' }], { session });
      await brief!.deleteOne({ session });
    });
  });
  expect(entries).toHaveLength(3);
  expect(entries[2]).toMatchObject({ before: { name: 'old' }, after: { name: 'new', seen: 1 } });
  expect(changedIn(entries[2]!)).toEqual(['name', 'seen']);
});

it('an aborted, and each failed try of a repeated transaction leave nothing', async () => {
  const Contact = modelWith({});
  await Contact.init();
  const entries = await recorded(async () => {
    await expect(
      connection.transaction(async (session) => {
        await Contact.create([{ name: 'aborted' }], { session });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    let tries = 0;
    await connection.transaction(async (session) => {
      await Contact.create([{ name: `try ${tries}` }], { session });
      if (tries++ > 1) return;
      const error = new mongoose.mongo.MongoServerError({ message: 'a failover' });
      error.addErrorLabel('TransientTransactionError');
      throw error;
    });
  });
  expect(entries.map(({ after }) => (after as { name: string }).name)).toEqual(['try 2']);
});

describe('beside the write', () => {
  it('is said in the metadata', async () => {
    const Contact = modelWith({ atomic: false });
    const entries = await recorded(async () => {
      const one = await Contact.create({ name: 'a' });
      one.name = 'b';
      await one.save();
      await Contact.updateMany({}, { $inc: { seen: 1 } });
      await Contact.bulkWrite(
        [
          { insertOne: { document: { _id: one._id, name: 'taken' } } },
          { updateMany: { filter: {}, update: { seen: 9 } } },
        ],
        { ordered: false },
      ).catch(() => undefined);
      await Contact.deleteMany({});
    });
    expect(
      entries.map(({ action, metadata }) => [action, (metadata as { atomic?: boolean }).atomic]),
    ).toEqual(['create', 'update', 'update', 'update', 'delete'].map((kind) => [`contact.${kind}`, false]));
    expect(entries[3]).toMatchObject({ before: { seen: 1 }, after: { seen: 9 } });
  });

  it('is how a ledger elsewhere records, of a transaction what was committed', async () => {
    const elsewhere = createTestAudit({ defaultTenant: 't' });
    const Contact = modelWith({ audit: elsewhere });
    await Contact.create({ name: 'a' });
    await connection.transaction((session) => Contact.updateMany({}, { name: 'b' }, { session }));
    const aborted = connection.transaction(async (session) => {
      await Contact.updateMany({}, { name: 'c' }, { session });
      throw new Error('no');
    });
    await expect(aborted).rejects.toThrow('no');
    await elsewhere.flush();
    expect(
      elsewhere.entries.map(({ action, metadata }) => [action, (metadata as { atomic?: boolean }).atomic]),
    ).toEqual([
      ['contact.create', false],
      ['contact.update', false],
    ]);
    await elsewhere.close();
  });
});

it('a write of more documents than a portion is one transaction', async () => {
  const Contact = modelWith({});
  const count = 2_500;
  await Contact.collection.insertMany(Array.from({ length: count }, (_, seen) => ({ seen })));
  const tenantId = `t${++last}`;
  await audit.runAs({ tenantId }, async () => {
    const result = await Contact.updateMany({}, { $inc: { seen: 1 } });
    expect([result.matchedCount, result.modifiedCount]).toEqual([count, count]);
  });
  // Of so many a sweep finds some.
  await until(async () => (await audit.verify({ tenantId })).size >= count);
  expect((await audit.verify({ tenantId })).size).toBe(count);
  await expect(audit.runAs({}, () => Contact.updateMany({}, { $inc: { seen: 1 } }))).rejects.toMatchObject({
    code: 'TENANT_REQUIRED',
  });
  expect(await Contact.countDocuments({ seen: count + 1 })).toBe(0);
});

it('a model of a model, of another connection, and an explained write', async () => {
  const other = await mongoose.createConnection(sharedDatabaseUri(), { dbName: connection.name }).asPromise();
  const Contact = modelWith({ atomic: true });
  const Sub = connection.model(Contact.modelName, undefined, 'elsewhere') as unknown as typeof Contact;
  const entries = await recorded(async () => {
    await Sub.create({ name: 'sub' });
    await Sub.updateOne({}, { name: 'sub 2' });
    await Contact.updateOne({ name: 'x' }, { name: 'y' })
      .explain()
      .catch(() => undefined);
    if ('useConnection' in Contact)
      (Contact as unknown as { useConnection(to: Connection): void }).useConnection(other);
    const one = await Contact.create({ name: 'moved' });
    one.name = 'moved 2';
    await one.save();
    await Contact.updateOne({}, { name: 'moved 3' });
  });
  expect(entries.map(({ after }) => (after as { name: string }).name)).toEqual([
    'sub',
    'sub 2',
    'moved',
    'moved 2',
    'moved 3',
  ]);
  expect(await Contact.countDocuments()).toBe(1);
  await other.close();
});

it('connection.bulkWrite is refused where it would pass by a model that is recorded', async () => {
  const Contact = modelWith({});
  const bulkWrite = connection.bulkWrite.bind(connection) as (ops: object[]) => Promise<unknown>;
  await expect(
    bulkWrite([{ model: Contact, name: 'insertOne', document: { name: 'a' } }]),
  ).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('use bulkWrite of the model'),
  });
});

it.each([
  [{}, /`name` must be a name such as contact/],
  [{ name: 'a', only: 'b' }, /`only` must be an array of paths/],
  [{ name: 'a', only: ['b'], except: ['c'] }, /`except` must be left out beside `only`/],
  [
    { name: 'a', audit: 1, atomic: 'yes', tenant: 5 },
    /`audit` must be .*`tenant` must be .*`atomic` must be true or false/,
  ],
  [{ name: 'a', fields: [] }, /`fields` is not known/],
])('options that are wrong are refused: %j', (options, message) => {
  const plug = () => new Schema({}).plugin(auditChanges, options as ChangeOptions);
  expect(plug).toThrow(message);
});
