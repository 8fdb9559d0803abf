import mongoose, { type Connection, Schema } from 'mongoose';
import { type Audit, auditChanges, type ChangeOptions, type ReconcileOptions } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { UNACCOUNTED } from '../../../models/reconcile/history';
import { connect } from '../../support/connection';

let connection: Connection;
let audit: Audit;
beforeAll(async () => {
  connection = await connect();
  audit = createAudit({ connection, redact: { names: ['passport'] } });
  await audit.event({ tenantId: 'first', action: 'a.b' });
});
afterAll(() => audit.close());

let last = 0;

/** A model of a collection and a tenant of its own. */
function modelWith(options: Partial<ChangeOptions> = {}, definition: object = {}) {
  const tenantId = `tenant${++last}`;
  const schema = new Schema(
    {
      name: String,
      seen: Number,
      passport: String,
      hidden: { type: String, select: false },
      address: { city: String },
      tags: [String],
      ...definition,
    },
    { versionKey: false },
  );
  schema.plugin(auditChanges, { name: 'contact', audit, tenant: () => tenantId, ...options });
  const Model = connection.model(`Reconciled${last}`, schema);
  const run = (more: Partial<ReconcileOptions> = {}) => audit.reconcile({ model: Model, ...more });
  const unaccounted = async () => [
    ...(await audit.list({ tenantId, action: UNACCOUNTED, order: 'asc', limit: 1000 })),
  ];
  return { Model, native: Model.collection, tenantId, run, unaccounted };
}

it('tells what was changed, made and deleted by others, and records each once', async () => {
  const { Model, native, run, unaccounted, tenantId } = modelWith();
  const [changed, gone, same] = await Model.create([
    { name: 'a', address: { city: 'Ulm' } },
    { name: 'b' },
    { name: 'c' },
  ]);
  await audit.flush();
  expect(await run()).toMatchObject({
    documents: 3,
    changed: 0,
    created: 0,
    deleted: 0,
    noHistory: 0,
    isComplete: true,
  });
  await native.updateOne({ _id: changed!._id }, { $set: { 'address.city': 'Bonn', tags: ['x'] } });
  await native.deleteOne({ _id: gone!._id });
  const made = new mongoose.Types.ObjectId();
  await native.insertOne({ _id: made, name: 'd' });

  const dry = await run({ dryRun: true });
  expect(dry).toMatchObject({ by: 'comparing', changed: 1, created: 1, deleted: 1 });
  expect(await unaccounted()).toEqual([]);
  const report = await run();
  expect(report.findings).toEqual(dry.findings);
  expect(report.findings.map(({ kind, resource, changed: paths }) => [kind, resource, paths])).toEqual([
    ['changed', String(changed!._id), ['address.city', 'tags']],
    ['created', String(made), ['name']],
    ['deleted', String(gone!._id), ['name', 'tags']],
  ]);
  expect(await run()).toMatchObject({ changed: 0, created: 0, deleted: 0 });
  const entries = await unaccounted();
  expect(entries.map(({ id }) => id)).toEqual(report.findings.map(({ id }) => id));
  expect(entries[0]).toMatchObject({
    actorType: 'system',
    resourceType: 'contact',
    before: { name: 'a', address: { city: 'Ulm' } },
    after: { name: 'a', address: { city: 'Bonn' } },
    metadata: { kind: 'changed', changed: ['address.city', 'tags'] },
  });
  expect(entries[2]).toMatchObject({ before: { name: 'b' }, after: null });

  // What happens to them afterwards is told, too, also back to what it was, and by events again.
  await native.updateOne({ _id: changed!._id }, { $set: { 'address.city': 'Ulm', tags: [] } });
  expect((await run()).findings).toMatchObject([{ kind: 'changed', changed: ['address.city', 'tags'] }]);
  await Model.updateOne({ _id: changed!._id }, { name: 'aa' });
  await Model.deleteOne({ _id: same!._id });
  await audit.flush();
  expect(await run()).toMatchObject({ changed: 0, created: 0, deleted: 0, busy: 0 });
  expect((await audit.verify({ tenantId })).verdict).toBe('intact');
});

it('tells what has no history from what was made without an event, and takes it as it is when it is told to', async () => {
  const { Model, native, run } = modelWith();
  const old = new mongoose.Types.ObjectId('500000000000000000000000');
  await native.insertOne({ _id: old, name: 'old' });
  await Model.create({ name: 'a' });
  await audit.flush();
  expect(await run()).toMatchObject({ noHistory: 1, created: 0 });
  expect(await run({ baseline: true, dryRun: true })).toMatchObject({ noHistory: 1, baselined: 0 });
  expect(await run({ baseline: true })).toMatchObject({ noHistory: 1, baselined: 1, created: 0 });
  expect(await run()).toMatchObject({ noHistory: 0, changed: 0 });
  await native.updateOne({ _id: old }, { $set: { name: 'changed' } });
  await native.insertOne({ _id: 'of any type' as never, name: 'new' });
  expect(await run()).toMatchObject({ noHistory: 0, changed: 1, created: 1 });
  await native.deleteMany({});
  expect(await run()).toMatchObject({ deleted: 3 });
  expect(await run()).toMatchObject({ deleted: 0 });
  await native.insertOne({ _id: old, name: 'again' });
  expect(await run()).toMatchObject({ created: 1, noHistory: 0 });
});

it('compares what can be compared, says what cannot, and stores no secret', async () => {
  const { Model, native, run, unaccounted } = modelWith({ except: ['seen'] });
  const long = 'é'.repeat(90_000);
  const [one, two, three] = await Model.create([
    { name: 'a', seen: 1, passport: 'P1', hidden: 'h1' },
    { name: long },
    { name: 'z'.repeat(700_000) },
  ]);
  await audit.flush();
  await native.updateOne({ _id: one!._id }, { $set: { seen: 2, passport: 'P2', hidden: 'h2' } });
  const report = await run();
  expect(report).toMatchObject({ changed: 0 });
  expect(report.notCompared['contact']).toEqual(expect.arrayContaining(['hidden', 'passport', '*']));
  await native.updateOne({ _id: one!._id }, { $set: { name: 'b', passport: 'P3', hidden: 'h3' } });
  await native.updateOne({ _id: two!._id }, { $set: { name: `${long}!` } });
  await native.updateOne({ _id: three!._id }, { $set: { name: 'y' } });
  const found = await run();
  expect(found.findings.map(({ changed }) => changed)).toEqual([['name'], [], []]);
  expect(JSON.stringify(await unaccounted())).not.toMatch(/P[123]|h[123]"/);
  expect(await run()).toMatchObject({ changed: 0 });
});

it('options that changed since are no changes of documents, as far as states can tell', async () => {
  const { Model, native, tenantId } = modelWith();
  await Model.create({ name: 'a', seen: 1, address: { city: 'Ulm' } });
  await audit.flush();
  for (const options of [{ except: ['seen'] }, { only: ['name', 'address'] }]) {
    const schema = new Schema({ name: String, seen: Number, address: { type: Object, select: false } });
    schema.plugin(auditChanges, { name: 'contact', audit, tenant: () => tenantId, ...options });
    const Narrower = connection.model(`Narrower${++last}`, schema, native.collectionName);
    expect(await audit.reconcile({ model: Narrower })).toMatchObject({ documents: 1, changed: 0 });
  }
});

it('goes on where it ended, in portions, with ids of all types', async () => {
  const { Model, native, run } = modelWith();
  await Model.create({ name: 'a' });
  await audit.flush();
  await run({ baseline: true });
  const ids = [
    1,
    2.5,
    mongoose.Types.Decimal128.fromString('7.25'),
    'text',
    'ff'.repeat(12),
    '7f',
    new Date(5),
    true,
  ];
  const all: unknown[] = [
    ...ids,
    new mongoose.mongo.UUID(),
    new mongoose.Types.ObjectId(),
    { a: 1 },
    Buffer.from('abc'),
  ];
  await native.insertMany(all.map((_id) => ({ _id, name: 'n' })) as never);
  const reports = [await run({ limit: 1 })];
  while (!reports.at(-1)!.isComplete)
    reports.push(await run({ limit: 1, position: reports.at(-1)!.position }));
  expect(reports.length).toBeGreaterThan(5);
  const sum = (name: 'documents' | 'created') => reports.reduce((total, report) => total + report[name], 0);
  expect([sum('documents'), sum('created')]).toEqual([all.length + 1, all.length]);
  expect(await run()).toMatchObject({ changed: 0, created: 0, deleted: 0 });
  await native.deleteMany({ name: 'n' });
  const after = await run();
  expect([after.deleted, after.untold]).toEqual([all.length - 1, 1]);
});

it('knows whose each document is, also when it went from tenant to tenant', async () => {
  const [one, other] = [`one${++last}`, `other${last}`];
  const schema = new Schema({ tenant: String, name: String });
  schema.plugin(auditChanges, { name: 'thing', audit, tenant: 'tenant' });
  const Thing = connection.model(`Thing${last}`, schema);
  const [moved, kept] = await Thing.create([
    { tenant: one, name: 'a' },
    { tenant: other, name: 'b' },
  ]);
  await Thing.updateOne({ _id: moved!._id }, { tenant: other });
  await audit.flush();
  expect(await audit.reconcile({ model: Thing })).toMatchObject({
    changed: 0,
    created: 0,
    deleted: 0,
    noHistory: 0,
  });
  await Thing.deleteOne({ _id: moved!._id });
  await audit.flush();
  expect(await audit.reconcile({ model: Thing })).toMatchObject({ deleted: 0 });
  await Thing.collection.updateOne({ _id: kept!._id }, { $set: { name: 'c' } });
  const { findings } = await audit.reconcile({ models: [Thing] });
  expect(findings).toMatchObject([{ kind: 'changed', tenantId: other, type: 'thing' }]);
});

it('a model whose documents do not say whose they are: all chains, or the tenant that is given', async () => {
  const { Model, native } = modelWith({ tenant: undefined, name: 'shared' });
  const [a, b] = [`a${++last}`, `b${last}`];
  const one = await audit.runAs({ tenantId: a }, () => Model.create({ name: 'a' }));
  await audit.runAs({ tenantId: b }, async () => Model.updateOne({}, { name: 'b' }));
  await audit.flush();
  expect(await audit.reconcile({ model: Model })).toMatchObject({ changed: 0, deleted: 0 });
  await native.updateOne({}, { $set: { name: 'c' } });
  expect((await audit.reconcile({ model: Model })).findings).toMatchObject([
    { tenantId: b, kind: 'changed' },
  ]);
  await native.deleteOne({ _id: one._id });
  const { findings } = await audit.reconcile({ model: Model, tenantId: b });
  expect(findings).toMatchObject([{ tenantId: b, kind: 'deleted' }]);
});

it('discriminators, models of one collection, soft deletes, and events that others wrote about a document', async () => {
  const tenantId = `family${++last}`;
  const schema = new Schema({ name: String, deletedAt: Date });
  schema.plugin(auditChanges, { name: 'person', audit, tenant: () => tenantId });
  const Person = connection.model(`Person${last}`, schema);
  const Staff = Person.discriminator(
    `Staff${last}`,
    new Schema({ pay: { type: Number, select: false }, room: String }),
  );
  const Guest = Person.discriminator(`Guest${last}`, new Schema({ pay: Number }));
  const also = new Schema({ name: String });
  also.plugin(auditChanges, { name: 'human', audit, tenant: () => tenantId, only: ['name'] });
  const Human = connection.model(`Human${last}`, also, Person.collection.collectionName);
  await Staff.create({ name: 's', pay: 5, room: '1' });
  const guest = await Guest.create({ name: 'g', pay: 6 });
  await Human.updateOne({ name: 's' }, { name: 'ss' });
  await Person.updateOne({ _id: guest._id }, { deletedAt: new Date() });
  await audit.event({
    tenantId,
    action: 'person.viewed',
    resource: { id: String(guest._id), type: 'person' },
    after: {},
  });
  await audit.flush();
  for (const models of [[Person], [Staff, Guest], [Person, Human]])
    expect(await audit.reconcile({ models })).toMatchObject({
      changed: 0,
      created: 0,
      deleted: 0,
      noHistory: 0,
    });
  await Person.collection.updateMany({}, { $set: { name: 'x' } });
  expect(await audit.reconcile({ models: [Staff, Person, Human] })).toMatchObject({ changed: 2 });
});

it('where an event is not part of the transaction, it has a while', async () => {
  const { Model, native, run } = modelWith({ atomic: false });
  const one = await Model.create({ name: 'a' });
  await audit.flush();
  await native.updateOne({ _id: one._id }, { $set: { name: 'late' } });
  // As a process does that has written, and has not recorded yet.
  const late = run({ graceMs: 300 });
  await Model.updateOne({ _id: one._id }, { name: 'b' });
  expect((await late).changed).toBe(0);
  await native.updateOne({ _id: one._id }, { $set: { name: 'c' } });
  expect(await run({ graceMs: 0 })).toMatchObject({ changed: 1 });
});

it.each([
  [{}, /audit\.reconcile is given no model whose changes are recorded/],
  [undefined, /is given no model/],
  [{ models: [mongoose.Model] }, /is given no model/],
])('without a model it is refused: %j', async (options, message) => {
  await expect(audit.reconcile(options as never)).rejects.toThrow(message);
});

it('wrong options are refused, each by its name', async () => {
  const { Model, run } = modelWith();
  const wrong = {
    limit: 0,
    graceMs: -1,
    dryRun: 1,
    tenantId: '',
    follow: true,
    since: 1,
    models: [Model, {}],
  } as never;
  await expect(run(wrong)).rejects.toThrow(
    /`since` is not known.*`models` must be.*`dryRun` must be.*`tenantId` must be.*`limit` must be.*`graceMs` must be.*`signal` is missing/,
  );
  for (const position of ['x', Buffer.from('{"models":[],"tokens":[]}').toString('base64url')])
    await expect(run({ position })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: /position/ });
  const reader = createAudit({ connection, readOnly: true });
  await expect(reader.reconcile({ model: Model })).rejects.toMatchObject({ code: 'READ_ONLY' });
  expect(await reader.reconcile({ model: Model, dryRun: true })).toMatchObject({ documents: 0 });
  await reader.close();
});
