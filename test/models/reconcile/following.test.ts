import mongoose, { type Connection, Schema, type Types } from 'mongoose';
import { type Audit, auditChanges, type Finding, type ReconcileOptions } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { UNACCOUNTED } from '../../../models/reconcile/history';
import { ChangeStreamProxy } from '../../support/change-stream-proxy';
import { connect } from '../../support/connection';

let proxy: ChangeStreamProxy;
let connection: Connection;
let observer: Connection;
let audit: Audit;
beforeEach(async () => {
  proxy = new ChangeStreamProxy();
  observer = await connect();
  connection = await mongoose.createConnection(await proxy.listen(), { dbName: observer.name }).asPromise();
  audit = createAudit({ connection });
  await audit.event({ tenantId: 't', action: 'a.b' });
});
afterEach(async () => {
  await audit.close();
  await connection.close();
  await proxy.close();
});

function contacts() {
  const schema = new Schema({ name: String, n: Number }, { versionKey: false });
  schema.plugin(auditChanges, { name: 'contact', audit, tenant: () => 't', except: ['n'] });
  const Contact = connection.model('Contact', schema, 'contacts');
  const run = (options: Partial<ReconcileOptions> = {}) => audit.reconcile({ model: Contact, ...options });
  /** Tells a change as a server does that keeps states before and after. */
  const tell = (before: object | null, after: object | null, more: object = {}) => {
    const { _id } = (after ?? before) as { _id: Types.ObjectId };
    const operationType = before ? (after ? 'update' : 'delete') : 'insert';
    const states = { fullDocument: after, fullDocumentBeforeChange: before };
    const ns = { db: observer.name, coll: 'contacts' };
    proxy.tell({ operationType, ns, documentKey: { _id }, wallTime: new Date(), ...states, ...more });
  };
  const change = async (_id: unknown, to: object) => {
    const native = observer.collection('contacts');
    const before = await native.findOne({ _id: _id as never });
    await native.updateOne({ _id: _id as never }, { $set: to });
    tell(before, await native.findOne({ _id: _id as never }));
  };
  const unaccounted = () => audit.list({ tenantId: 't', action: UNACCOUNTED, order: 'asc' });
  return { Contact, run, tell, change, unaccounted };
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind, changed }) => [kind, changed]);

it('follows the server from where it was: also what later changes with events have come over', async () => {
  const { Contact, run, tell, change, unaccounted } = contacts();
  const one = await Contact.create({ name: 'a', n: 1 });
  const first = await run();
  expect(first).toMatchObject({ by: 'comparing', documents: 1, changed: 0 });
  const { position } = first;
  expect(await run({ position })).toMatchObject({ by: 'following', changed: 0 });

  await change(one._id, { name: 'unseen' });
  const lsid = { id: new mongoose.mongo.UUID() };
  const [unseen, between, end] = ['unseen', 'between', 'end'].map((name) => ({ _id: one._id, name, n: 1 }));
  await connection.transaction(async (session) => {
    await Contact.updateOne({ _id: one._id }, { name: 'between' }, { session });
    await Contact.updateOne({ _id: one._id }, { name: 'end' }, { session });
  });
  tell(unseen!, between!, { lsid, txnNumber: 7 });
  tell(between!, end!, { lsid, txnNumber: 7 });
  await change(one._id, { n: 2 });
  const made = { _id: new mongoose.Types.ObjectId(), name: 'made' };
  await observer.collection('contacts').insertOne(made);
  tell(null, made);
  await observer.collection('contacts').deleteOne({ _id: made._id });
  tell(made, null);

  const followed = await run({ position });
  expect(followed.by).toBe('following');
  expect(kinds(followed.findings)).toEqual([
    ['changed', ['name']],
    ['created', ['name']],
    ['deleted', ['name']],
  ]);
  expect((await unaccounted())[0]).toMatchObject({ before: { name: 'a' }, after: { name: 'unseen' } });
  // Once, however often it is followed, and whichever way it is looked at.
  expect(await run({ position })).toMatchObject({ by: 'following', changed: 0, created: 0, deleted: 0 });
  expect(await run()).toMatchObject({ by: 'comparing', changed: 0, created: 0, deleted: 0 });
  expect(await unaccounted()).toHaveLength(3);
  expect(await run({ position: followed.position })).toMatchObject({ by: 'following', entries: 0 });
});

it('compares a document where the server has no states of it, and all of them where it tells no more', async () => {
  const { Contact, run, tell, change } = contacts();
  const one = await Contact.create({ name: 'a' });
  const { position } = await run();
  await observer.collection('contacts').updateOne({ _id: one._id }, { $set: { name: 'b' } });
  tell({ _id: one._id }, { _id: one._id }, { fullDocument: null, fullDocumentBeforeChange: null });
  expect(await run({ position })).toMatchObject({ by: 'following', changed: 1 });
  proxy.fail();
  await change(one._id, { name: 'c' });
  expect(await run({ position })).toMatchObject({ by: 'comparing', changed: 1 });
});

it('goes on until it is told to end', async () => {
  const { Contact, run, change } = contacts();
  const one = await Contact.create({ name: 'a' });
  const end = new AbortController();
  const found: Finding[] = [];
  const onFinding = (finding: Finding) => {
    found.push(finding);
    if (found.length === 1) void change(one._id, { name: 'c' });
    else end.abort();
  };
  const { position } = await run();
  await change(one._id, { name: 'b' });
  const report = await run({ position, follow: true, signal: end.signal, onFinding });
  expect(found.map(({ changed }) => changed)).toEqual([['name'], ['name']]);
  expect(report).toMatchObject({ changed: 2 });
});
