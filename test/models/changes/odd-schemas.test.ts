import mongoose, { type Connection, type Model, type Schema } from 'mongoose';
import { type Audit, auditChanges, type Entry } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');

let last = 0;

describe.each([
  ['9', mongoose],
  ['8', mongoose8],
])('with Mongoose %s', (_, library) => {
  let connection: Connection;
  let audit: Audit;
  beforeAll(async () => {
    const { name: dbName } = await connect();
    connection = await library.createConnection(sharedDatabaseUri(), { dbName }).asPromise();
    audit = createAudit({ connection });
    await audit.event({ tenantId: 'first', action: 'a.b' });
  });
  afterAll(async () => {
    await audit.close();
    await connection.close();
  });

  /* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call -- as applications write */
  function modelOf(schema: Schema, only?: readonly string[]): Model<any> {
    schema.plugin(auditChanges, { name: 'thing', audit, ...(only && { only }) });
    return connection.model(`Thing${++last}`, schema);
  }

  async function recorded(work: () => Promise<unknown>): Promise<Entry[]> {
    const tenantId = `t${++last}`;
    await audit.runAs({ tenantId, actor: 'ann' }, work);
    await audit.flush();
    return [...(await audit.list({ tenantId, order: 'asc', limit: 1000 }))];
  }

  it('hidden paths stay hidden at any depth of a schema that holds itself', async () => {
    const branch = new library.Schema<any>({ text: String, hidden: { type: String, select: false } });
    branch.add({ left: branch, right: [branch] });
    const secret = { text: 'seen', hidden: 'hush' };
    const tree = { ...secret, left: { ...secret, left: { ...secret, right: [secret] } }, right: [secret] };
    const Tree = modelOf(new library.Schema<any>({ root: branch }));
    const [made, changed] = await recorded(async () => {
      const one = await Tree.create({ root: tree });
      await Tree.updateOne({ _id: one._id }, { 'root.left.left.hidden': 'other' });
    });
    expect(JSON.stringify([made, changed])).not.toMatch(/hush|"other"/);
    expect(JSON.stringify(made!.after).match(/seen/g)).toHaveLength(5);
    expect(changed!.metadata).toEqual({ changed: ['root.left.left.hidden'] });

    const Named = modelOf(new library.Schema<any>({ root: branch }), ['root.hidden', 'root.left']);
    const [named] = await recorded(() => Named.create({ root: { ...tree, hidden: 'asked for' } }));
    expect(JSON.stringify(named!.after)).not.toContain('hush');
    expect(named!.after).toMatchObject({ root: { hidden: 'asked for', left: { text: 'seen' } } });
  });

  it('hidden paths stay hidden in arrays of arrays', async () => {
    const cell = new library.Schema<any>({ text: String, hidden: { type: String, select: false } });
    const Grid = modelOf(new library.Schema<any>({ rows: [[cell]], a: { b: [cell] } }));
    const [made] = await recorded(() =>
      Grid.create({ rows: [[{ text: 'seen', hidden: 'hush' }]], a: { b: [{ hidden: 'hush' }] } }),
    );
    expect(JSON.stringify(made!.after)).not.toContain('hush');
    expect(JSON.stringify(made!.after)).toContain('seen');
  });

  it('a write concern is that of the transaction', async () => {
    const concern = { writeConcern: { w: 'majority', j: true } } as const;
    const Row = modelOf(new library.Schema<any>({ n: Number }, concern));
    const entries = await recorded(async () => {
      const one = await Row.create({ n: 1 });
      one.n = 2;
      await one.save();
      await Row.updateOne({}, { n: 3 }, { writeConcern: { w: 1 } });
      await Row.findOneAndUpdate({}, { n: 4 }, concern);
      await Row.updateMany({}, { n: 5 }, concern);
      await Row.bulkWrite([{ updateOne: { filter: {}, update: { n: 6 } } }], concern);
      await Row.deleteOne({}, concern);
    });
    expect(entries).toHaveLength(7);
  });

  it('a hint is taken as the same command takes it', async () => {
    const Row = modelOf(new library.Schema<any>({ n: Number }));
    const entries = await recorded(async () => {
      await Row.create({ n: 1 });
      await Row.updateOne({}, { n: 2 }, { hint: { _id: 1 } });
      await Row.updateMany({}, { n: 3 }, { hint: '_id_' });
      await Row.deleteOne({}, { hint: { _id: 1 } });
    });
    expect(entries).toHaveLength(4);
  });

  it('the results are those of the driver', async () => {
    const Row = modelOf(new library.Schema<any>({ n: Number, text: String }, { versionKey: false }));
    await recorded(async () => {
      await Row.create({ n: 1, text: 'a' });
      const after = { returnDocument: 'after' } as const;
      expect(await Row.findOneAndUpdate({ n: 1 }, { n: 2 })).toMatchObject({ n: 1, text: 'a' });
      expect(await Row.findOneAndUpdate({ n: 2 }, { n: 3 }, after)).toMatchObject({ n: 3 });
      expect(await Row.findOneAndUpdate({ n: 9 }, { n: 3 }, after)).toBeNull();
      const projected = await Row.findOneAndUpdate(
        {},
        { n: 4 },
        { ...after, projection: { n: 1 }, lean: true },
      );
      expect(Object.keys(projected as object).sort()).toEqual(['_id', 'n']);
      const whole = { ...after, includeResultMetadata: true } as const;
      expect(await Row.findOneAndUpdate({}, { n: 5 }, whole)).toMatchObject({
        ok: 1,
        value: { n: 5 },
        lastErrorObject: { n: 1, updatedExisting: true },
      });
      const upserted = await Row.findOneAndUpdate({ n: 20 }, { text: 'up' }, { ...after, upsert: true });
      expect(upserted).toMatchObject({ n: 20, text: 'up' });
      const replaced = await Row.findOneAndReplace({ n: 20 }, { n: 21 }, { ...after, lean: true });
      expect(replaced).toEqual({ _id: upserted!._id as unknown, n: 21 });
      expect(await Row.findByIdAndDelete(upserted!._id)).toMatchObject({ n: 21 });
      const none = { upsertedCount: 0, upsertedId: null };
      expect(await Row.updateOne({ n: 5 }, { n: 5 })).toMatchObject({
        ...{ matchedCount: 1, modifiedCount: 0, ...none },
      });
      expect(await Row.updateOne({ n: 6 }, { n: 5 })).toMatchObject({
        matchedCount: 0,
        modifiedCount: 0,
        ...none,
      });
      expect(await Row.replaceOne({ n: 5 }, { n: 7 })).toMatchObject({
        ...{ matchedCount: 1, modifiedCount: 1, ...none },
      });
      const made = await Row.replaceOne({ n: 8 }, { n: 8 }, { upsert: true });
      expect(made).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
      expect(await Row.findById(made.upsertedId)).toMatchObject({ n: 8 });
      expect(await Row.deleteOne({ n: 8 })).toEqual({ acknowledged: true, deletedCount: 1 });
      expect(await Row.deleteOne({ n: 8 })).toEqual({ acknowledged: true, deletedCount: 0 });
    });
  });
});
