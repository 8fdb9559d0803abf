import type { ClientSession, Connection, Model, Schema } from 'mongoose';
import type mongoose from 'mongoose';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/restrict-plus-operands -- written as applications do, on the types of two versions of Mongoose */

/** The models that the ways write to. */
export interface Models {
  Contact: Model<any>;
  Person: Model<any>;
  Team: Model<any>;
}

/** What one way of writing is tried with. */
export interface Trial extends Models {
  /** `{ session }`, or nothing. */
  within: { session?: ClientSession };
  /** How many documents `HIT` finds, or are to be made. */
  count: number;
  ids: mongoose.Types.ObjectId[];
}

/** Finds the documents that a way is to change. */
export const HIT = { group: 'hit' };

/** The models on a connection, with a plugin on the schema of contacts. */
export function modelsOn(
  { Schema: Kind, Types }: typeof mongoose,
  connection: Connection,
  plugin: (schema: Schema) => void,
): Models {
  const team = connection.model('Team', new Kind({ title: String }));
  const schema = new Kind<any>(
    {
      group: String,
      name: String,
      n: { type: Number, default: 0 },
      tags: [String],
      address: { city: String, zip: String },
      phones: [{ kind: String, number: String }],
      labels: { type: Map, of: String },
      team: { type: Types.ObjectId, ref: 'Team' },
      gone: Date,
      code: { type: String, unique: true, sparse: true },
    },
    { timestamps: true, discriminatorKey: 'kind' },
  );
  schema.virtual('shown').get(() => 'never stored');
  plugin(schema);
  const Contact = connection.model('Contact', schema);
  const Person = Contact.discriminator('Person', new Kind({ born: Number }));
  return { Contact, Person, Team: team };
}

/** Documents as they are before a way is tried. */
export function seed(count: number, makeId: () => mongoose.Types.ObjectId): Record<string, unknown>[] {
  const contact = (group: string, i: number) => ({
    _id: makeId(),
    group,
    name: `${group} ${i}`,
    n: i,
    tags: ['a', 'b'],
    address: { city: 'Ulm', zip: '1' },
    phones: [
      { _id: makeId(), kind: 'home', number: '1' },
      { _id: makeId(), kind: 'work', number: '2' },
    ],
    labels: { x: '1' },
    code: `${group}-${i}`,
    __v: 0,
  });
  return [
    ...Array.from({ length: count }, (_, i) => contact('hit', i)),
    contact('miss', 0),
    contact('miss', 1),
  ];
}

async function each(trial: Trial, change: (document: any) => unknown): Promise<void> {
  for (const document of await trial.Contact.find(HIT, null, trial.within)) {
    await change(document);
    await document.save(trial.within);
  }
}

const made = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ group: 'new', name: `new ${i}`, n: i }));

/** As many documents as there are, whose ids are taken or not by turns. */
const partlyTaken = ({ count, ids }: Trial) =>
  made(count).flatMap((document, i) => [document, { _id: ids[i], name: 'taken' }, { name: `behind ${i}` }]);

/** A refused write ends the transaction that it is in: who goes on would try it again for two minutes. */
async function refused({ within }: Trial, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (within.session || !/E11000/.test(String(error))) throw error;
  }
}

/** All ways to write through Mongoose. */
export const WAYS: Record<string, (trial: Trial) => Promise<unknown>> = {
  'save of a changed path': (trial) => each(trial, (one) => (one.name = 'saved')),
  'save of an embedded path': (trial) => each(trial, (one) => (one.address.city = 'Bonn')),
  'save of a subdocument in an array': (trial) => each(trial, (one) => (one.phones[0].number = '9')),
  'save of an array that grew': (trial) => each(trial, (one) => one.tags.push('c')),
  'save of an array that shrank': (trial) => each(trial, (one) => one.phones.pop()),
  'save of a map': (trial) => each(trial, (one) => one.labels.set('y', '2')),
  'save of a removed path': (trial) => each(trial, (one) => (one.name = undefined)),
  'save of nothing': (trial) => each(trial, () => undefined),
  'save of what a virtual gives': (trial) => each(trial, (one) => one.shown),
  'save of a populated path': (trial) =>
    each(trial, async (one) => {
      const [team] = await trial.Team.create([{ title: 'A' }], trial.within);
      one.team = team;
      await one.populate({ path: 'team', options: trial.within });
    }),
  'save of documents of a cursor': async ({ Contact, within }) => {
    for await (const one of Contact.find(HIT, null, within).cursor()) {
      one.n += 1;
      await one.save(within);
    }
  },
  'save of new documents': async ({ Contact, count, within }) => {
    for (const one of made(count)) await new Contact(one).save(within);
  },
  create: ({ Contact, count, within }) => Contact.create(made(count), { ...within, ordered: true }),
  insertMany: ({ Contact, count, within }) => Contact.insertMany(made(count), within),
  'insertMany, lean and raw': ({ Contact, count, within }) =>
    Contact.insertMany(made(count), { ...within, lean: true, rawResult: true }),
  'insertMany, ordered, in part': (trial) =>
    refused(trial, trial.Contact.insertMany(partlyTaken(trial), trial.within)),
  'insertMany, unordered, in part': (trial) =>
    refused(trial, trial.Contact.insertMany(partlyTaken(trial), { ...trial.within, ordered: false })),
  updateOne: ({ Contact, within }) => Contact.updateOne(HIT, { name: 'x' }, within),
  'updateOne with $push and $inc': ({ Contact, within }) =>
    Contact.updateOne(HIT, { $push: { tags: 'z' }, $inc: { n: 5 } }, within),
  'updateOne with a positional operator': ({ Contact, within }) =>
    Contact.updateOne({ ...HIT, 'phones.kind': 'work' }, { $set: { 'phones.$.number': '7' } }, within),
  updateMany: ({ Contact, within }) => Contact.updateMany(HIT, { $inc: { n: 1 } }, within),
  'updateMany with a pipeline': ({ Contact, within }) =>
    Contact.updateMany(HIT, [{ $set: { n: { $add: ['$n', 10] } } }], {
      ...within,
      updatePipeline: true,
    } as object),
  'updateMany with array filters': ({ Contact, within }) =>
    Contact.updateMany(
      HIT,
      { $set: { 'phones.$[p].number': '8' } },
      { ...within, arrayFilters: [{ 'p.kind': 'home' }] },
    ),
  'updateMany with $unset and $rename': ({ Contact, within }) =>
    Contact.updateMany(
      HIT,
      { $unset: { address: 1 }, $rename: { code: 'kode' } },
      { ...within, strict: false },
    ),
  'updateMany of what it filters by': ({ Contact, within }) =>
    Contact.updateMany(HIT, { group: 'other' }, within),
  'updateMany that changes nothing': ({ Contact, within }) =>
    Contact.updateMany(HIT, { group: 'hit' }, { ...within, timestamps: false }),
  'updateMany as a soft delete': ({ Contact, within }) =>
    Contact.updateMany(HIT, { gone: new Date(5) }, within),
  'updateMany of a lean query': ({ Contact, within }) =>
    Contact.find(HIT, null, within).lean().updateMany({}, { name: 'lean' }).setOptions(within),
  'where().updateOne': ({ Contact, within }) =>
    Contact.where(HIT).updateOne({}, { name: 'where' }).setOptions(within).exec(),
  'a query that was cloned': ({ Contact, within }) =>
    Contact.find(HIT).updateMany({}, { name: 'clone' }).setOptions(within).clone().exec(),
  'updateOne of a document': async (trial) => {
    for (const one of await trial.Contact.find(HIT, null, trial.within))
      await one.updateOne({ $inc: { n: 3 } }, trial.within);
  },
  replaceOne: ({ Contact, within }) => Contact.replaceOne(HIT, { group: 'hit', name: 'replaced' }, within),
  findOneAndUpdate: ({ Contact, within }) =>
    Contact.findOneAndUpdate(HIT, { name: 'found' }, { ...within, returnDocument: 'after' }),
  'findOneAndUpdate, sorted, projected, lean': ({ Contact, within }) =>
    Contact.findOneAndUpdate(
      HIT,
      { $inc: { n: 1 } },
      { ...within, sort: { n: -1 }, projection: { n: 1 }, lean: true },
    ),
  'findOneAndUpdate with its metadata': ({ Contact, within }) =>
    Contact.findOneAndUpdate(HIT, { name: 'meta' }, { ...within, includeResultMetadata: true }),
  findByIdAndUpdate: async ({ Contact, ids, within }) => {
    for (const id of ids) await Contact.findByIdAndUpdate(id, { name: 'by id' }, within);
  },
  findOneAndReplace: ({ Contact, within }) => Contact.findOneAndReplace(HIT, { name: 'other' }, within),
  findOneAndDelete: ({ Contact, within }) => Contact.findOneAndDelete(HIT, within),
  findByIdAndDelete: async ({ Contact, ids, within }) => {
    for (const id of ids) await Contact.findByIdAndDelete(id, within);
  },
  deleteOne: ({ Contact, within }) => Contact.deleteOne(HIT, within),
  deleteMany: ({ Contact, within }) => Contact.deleteMany(HIT, within),
  'deleteMany of a query': ({ Contact, within }) => Contact.find(HIT).setOptions(within).deleteMany(),
  'deleteOne of a document': async ({ Contact, within }) => {
    for (const one of await Contact.find(HIT, null, within)) await one.deleteOne(within);
  },
  'bulkWrite of all kinds': ({ Contact, ids, within }) =>
    Contact.bulkWrite(
      [
        { insertOne: { document: { name: 'b', n: 1 } } },
        { updateMany: { filter: HIT, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { group: 'miss' }, update: { name: 'bulk' } } },
        ...ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $push: { tags: 'bulk' } } } })),
        { replaceOne: { filter: { name: 'bulk' }, replacement: { name: 'replaced' } } },
        { deleteOne: { filter: HIT } },
        { deleteMany: { filter: { name: 'replaced' } } },
      ] as any[],
      within,
    ),
  'bulkWrite, unordered, in part': (trial) =>
    refused(
      trial,
      trial.Contact.bulkWrite(
        [
          ...partlyTaken(trial).map((document) => ({ insertOne: { document } })),
          { updateMany: { filter: HIT, update: { name: 'after' } } },
        ] as any[],
        { ...trial.within, ordered: false },
      ),
    ),
  'bulkWrite, ordered, in part': (trial) =>
    refused(
      trial,
      trial.Contact.bulkWrite(
        [
          { updateMany: { filter: HIT, update: { name: 'before' } } },
          ...partlyTaken(trial).map((document) => ({ insertOne: { document } })),
        ] as any[],
        trial.within,
      ),
    ),
  bulkSave: async ({ Contact, count, within }) => {
    const found: any[] = await Contact.find(HIT, null, within);
    for (const [i, one] of found.entries()) if (i !== 1) one.name = 'bulk saved';
    const fresh = made(count).map((document) => new Contact(document));
    await Contact.bulkSave([...found, ...fresh], within);
  },
  'an upsert of updateOne': ({ Contact, within }) =>
    Contact.updateOne({ ...HIT, name: /^hit/ }, { n: 77 }, { ...within, upsert: true }),
  'an upsert of updateMany': ({ Contact, within }) =>
    Contact.updateMany(HIT, { n: 78 }, { ...within, upsert: true }),
  'an upsert of findOneAndUpdate': ({ Contact, within }) =>
    Contact.findOneAndUpdate(HIT, { $setOnInsert: { n: 5 }, name: 'up' }, { ...within, upsert: true }),
  'an upsert of replaceOne': ({ Contact, within }) =>
    Contact.replaceOne(HIT, { group: 'hit', name: 'up' }, { ...within, upsert: true }),
  'an upsert of findOneAndReplace': ({ Contact, within }) =>
    Contact.findOneAndReplace(HIT, { group: 'hit', name: 'up' }, { ...within, upsert: true }),
  'upserts of bulkWrite': ({ Contact, ids, within }) =>
    Contact.bulkWrite(
      [
        { updateOne: { filter: { group: 'never' }, update: { n: 1 }, upsert: true } },
        ...ids.map((_id) => ({ updateOne: { filter: { _id }, update: { n: 9 }, upsert: true } })),
        { updateOne: { filter: { _id: '6b0aeb9ae1b7ad34498b07c1' }, update: { n: 2 }, upsert: true } },
      ] as any[],
      within,
    ),
  'a discriminator': async ({ Person, Contact, count, within }) => {
    const people = await Person.create(
      made(count).map((one) => ({ ...one, born: 1 })),
      { ...within, ordered: true },
    );
    for (const one of people) {
      one.born = 2;
      await one.save(within);
    }
    await Person.updateMany({}, { $inc: { born: 1 } }, within);
    await Contact.updateMany({ kind: 'Person' }, { name: 'p' }, within);
  },
};
