import { createConnection, Schema } from 'mongoose';
import { auditChanges } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

/** A model with the plugin, and the commands that a write sends in its transaction. */
async function watchedModel() {
  const { name: dbName } = await connect();
  const connection = await createConnection(sharedDatabaseUri(), {
    dbName,
    monitorCommands: true,
  }).asPromise();
  const audit = createAudit({ connection, defaultTenant: 'acme' });
  await audit.event({ action: 'a.b' });
  const schema = new Schema({ n: Number, name: String });
  schema.plugin(auditChanges, { name: 'row', audit });
  const Row = connection.model('Row', schema);
  await Row.insertMany(Array.from({ length: 50 }, (_, n) => ({ n })));
  await audit.flush();
  let inTransaction: string[] = [];
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    if ((command as { autocommit?: boolean }).autocommit === false) inTransaction.push(commandName);
  });
  const asked = async (write: () => Promise<unknown>) => {
    inTransaction = [];
    await write();
    return inTransaction;
  };
  const close = async () => {
    await audit.close();
    await connection.close();
  };
  return { Row, audit, connection, asked, close };
}

it('a write of one document takes five commands in its transaction', async () => {
  const { Row, asked, close } = await watchedModel();
  const one = await Row.findOne({ n: 1 }).orFail();
  one.name = 'a';
  const five = ['findAndModify', 'find', 'find', 'insert', 'commitTransaction'];
  expect(await asked(() => one.save())).toEqual(five);
  expect(await asked(() => Row.updateOne({ n: 2 }, { name: 'a' }))).toEqual(five);
  expect(await asked(() => Row.replaceOne({ n: 2 }, { n: 2 }))).toEqual(five);
  expect(
    await asked(() => Row.findOneAndUpdate({ n: 3 }, { name: 'a' }, { returnDocument: 'after' })),
  ).toEqual(five);
  expect(await asked(() => Row.deleteOne({ n: 4 }))).toEqual(five);
  expect(await asked(() => Row.create({ n: 60 }))).toEqual(['insert', ...five.slice(1)]);
  await close();
});

it('a write of many takes as many commands as one portion', async () => {
  const { Row, asked, close } = await watchedModel();
  const six = ['find', 'update', 'find', 'find', 'insert', 'commitTransaction'];
  expect(await asked(() => Row.updateMany({}, { $inc: { n: 1 } }))).toEqual(six);
  await close();
});

it('a document of another kind of id, or of another database than the outbox, takes as many', async () => {
  const { audit, connection, asked, close } = await watchedModel();
  const five = ['findAndModify', 'find', 'find', 'insert', 'commitTransaction'];
  const named = new Schema({ _id: String, n: Number }).plugin(auditChanges, { name: 'named', audit });
  const Named = connection.model('Named', named);
  await Named.create({ _id: 'a', n: 1 });
  expect(await asked(() => Named.updateOne({ _id: 'a' }, { n: 2 }))).toEqual(five);

  const other = connection.useDb(`${connection.name}_other`);
  const far = new Schema({ n: Number }).plugin(auditChanges, { name: 'far', audit });
  const Far = other.model('Far', far);
  const one = await Far.create({ n: 1 });
  expect(await asked(() => Far.updateOne({ _id: one._id }, { n: 2 }))).toEqual(five);
  await audit.flush();
  const states = async (action: string) =>
    (await audit.list({ tenantId: 'acme', action })).map(({ before, after }) =>
      [before, after].map((state) => (state as { n: number }).n),
    );
  expect(await states('named.update')).toEqual([[1, 2]]);
  expect(await states('far.update')).toEqual([[1, 2]]);
  await other.dropDatabase();
  await close();
});
