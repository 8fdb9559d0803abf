import { type AnyBulkWriteOperation, type Connection, createConnection, type Model, Schema } from 'mongoose';
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-assertion, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- hostile calls are what no type allows */
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { isAuditError } from '../../../lib/errors';
import { auditEntryModel } from '../../../models/append-only/audit-entry';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

type Any = any;

interface Guarded {
  connection: Connection;
  audit: Audit;
  Entry: Model<Any>;
  /** A second model that the application makes on the same collection. */
  Second: Model<Any>;
}

let guarded: Guarded;
let before: Any[];

beforeAll(async () => {
  const connection = await connect();
  const audit = createAudit({ connection });
  for (const n of [1, 2, 3]) {
    await audit.event({ tenantId: 't', id: `e${n}`, action: 'a.b', actor: 'ann', metadata: { n } });
  }
  const anything = new Schema(
    { _id: String },
    { strict: false, collection: 'audit_entries', autoIndex: false, versionKey: false },
  );
  const Second = connection.model('Second', anything);
  guarded = { connection, audit, Entry: auditEntryModel(connection) as Any, Second: Second as Any };
  before = await stored();
});

afterEach(async () => {
  expect(await stored()).toEqual(before);
});

const NOT_OWN = { tenantId: { $ne: 'system' } };
const COUNT = [{ $match: NOT_OWN }, { $count: 'n' }];

/** All documents but the ledgers' own, and all indexes, read with no guard between. */
async function stored(): Promise<Any[]> {
  const entries = guarded.connection.db!.collection('audit_entries');
  return [await entries.find(NOT_OWN).sort({ seq: 1 }).toArray(), await entries.listIndexes().toArray()];
}

async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return 'it was let through';
  } catch (error) {
    return isAuditError(error) ? error.code : error;
  }
}

/** Whether a call throws or rejects, it must do so with `APPEND_ONLY`. */
async function expectRefused(call: () => unknown): Promise<void> {
  expect(await outcomeOf(call)).toBe('APPEND_ONLY');
}

/** The same, where Mongoose may find the call wrong before it reaches the guard. */
async function expectStopped(call: () => unknown): Promise<void> {
  const outcome = await outcomeOf(call);
  if (!(outcome instanceof Error)) expect(outcome).toBe('APPEND_ONLY');
}

const ONE = { _id: 't:e1' };
const CHANGE = { $set: { actor: 'mallory' } };
const WHOLE = { ...ONE, actor: 'mallory' };

type QueryCall = [string, (model: Model<Any>, options: Any) => PromiseLike<unknown>];

const QUERIES: QueryCall[] = [
  ['updateOne', (model, options) => model.updateOne(ONE, CHANGE, options)],
  ['updateMany', (model, options) => model.updateMany({}, CHANGE, options)],
  ['an upsert', (model, options) => model.updateOne({ _id: 'new' }, CHANGE, { ...options, upsert: true })],
  ['replaceOne', (model, options) => model.replaceOne(ONE, WHOLE, options)],
  ['findOneAndUpdate', (model, options) => model.findOneAndUpdate(ONE, CHANGE, options)],
  ['findOneAndReplace', (model, options) => model.findOneAndReplace(ONE, WHOLE, options)],
  ['findOneAndDelete', (model, options) => model.findOneAndDelete(ONE, options)],
  ['findByIdAndUpdate', (model, options) => model.findByIdAndUpdate('t:e1', CHANGE, options)],
  ['findByIdAndDelete', (model, options) => model.findByIdAndDelete('t:e1', options)],
  ['deleteOne', (model, options) => model.deleteOne(ONE, options)],
  ['deleteMany', (model, options) => model.deleteMany({}, options)],
  [
    'a query turned into an update',
    (model, options) => model.find(ONE).updateOne({}, CHANGE).setOptions(options),
  ],
  ['a query turned into a removal', (model, options) => model.find(ONE).deleteMany({}).setOptions(options)],
  ['a pipeline', (model, options) => model.updateOne(ONE, [CHANGE], { ...options, updatePipeline: true })],
  ['$unset', (model, options) => model.updateOne(ONE, { $unset: { metadata: '' } }, options)],
  [
    '$rename',
    (model, options) => model.updateMany({}, { $rename: { actor: 'a' } }, { ...options, strict: false }),
  ],
];

const PLAIN = {};
const OFF = { middleware: false, overwriteImmutable: true, strict: false };

const OPTIONS: [string, object][] = [
  ['no options', PLAIN],
  ['overwriteImmutable', { overwriteImmutable: true }],
  ['middleware: false', OFF],
  ['middleware: { pre: false }', { ...OFF, middleware: { pre: false, post: false } }],
  ['no validation', { ...OFF, runValidators: false, upsert: false }],
];

describe.each(OPTIONS)('with %s', (_, options) => {
  it.each(QUERIES)('refuses through the model of the entries: %s', async (_name, call) => {
    // Without hooks, Mongoose holds a replacement against the schema first.
    const expectAny = options === PLAIN ? expectRefused : expectStopped;
    await expectAny(() => call(guarded.Entry, options));
  });

  it.each(QUERIES)('refuses through another model: %s', async (_name, call) => {
    await expectRefused(() => call(guarded.Second, options));
  });
});

type Ops = AnyBulkWriteOperation<Any>[];

const BULK: [string, Ops][] = [
  ['updateOne', [{ updateOne: { filter: ONE, update: CHANGE } }]],
  ['updateMany', [{ updateMany: { filter: {}, update: CHANGE } }]],
  ['replaceOne', [{ replaceOne: { filter: ONE, replacement: WHOLE } }]],
  ['deleteOne', [{ deleteOne: { filter: ONE } }]],
  ['deleteMany', [{ deleteMany: { filter: {} } }]],
  [
    'a removal behind an insert',
    [{ insertOne: { document: { _id: 'x' } } }, { deleteOne: { filter: ONE } }] as Ops,
  ],
  ['a removal with an insert that is none', [{ insertOne: undefined, deleteOne: { filter: ONE } }] as Any],
];

describe('bulkWrite', () => {
  it.each(BULK)('is refused: %s', async (_, operations) => {
    for (const options of [
      {},
      { middleware: false, strict: false },
      { ordered: false, strict: false },
    ] as Any[]) {
      await expectStopped(() => guarded.Entry.bulkWrite(operations, options));
      await expectStopped(() => guarded.Second.bulkWrite(operations, options));
      await expectRefused(() => guarded.Entry.collection.bulkWrite(operations as Any, options));
    }
  });
});

describe('a loaded document', () => {
  const load = async (model: Model<Any>): Promise<Any> => (await model.findById('t:e1').exec()) as unknown;

  const ACTS: [string, (document: Any, model: Model<Any>) => unknown][] = [
    ['save', (document: Any) => document.set('actor', 'mallory', { overwriteImmutable: true }).save()],
    [
      'save of a nested change',
      (document: Any) => {
        document.markModified('metadata');
        document.metadata.n = 9;
        return document.save();
      },
    ],
    [
      'save without middleware',
      (document: Any) => document.set('extra', 1, { strict: false }).save({ middleware: false }),
    ],
    [
      'save without validation',
      (document: Any) => document.set('actor', 'm').save({ validateBeforeSave: false }),
    ],
    ['updateOne', (document: Any) => document.updateOne(CHANGE)],
    ['updateOne without middleware', (document: Any) => document.updateOne(CHANGE, { middleware: false })],
    ['replaceOne', (document: Any) => document.replaceOne(WHOLE)],
    ['deleteOne', (document: Any) => document.deleteOne()],
    ['deleteOne without middleware', (document: Any) => document.deleteOne({ middleware: false })],
    [
      'bulkSave',
      (document: Any, model) => {
        document.set('extra', 1, { strict: false });
        return model.bulkSave([document]);
      },
    ],
    [
      'bulkSave without middleware',
      (document: Any, model) => {
        document.set('extra', 1, { strict: false });
        return model.bulkSave([document], { middleware: false } as Any);
      },
    ],
  ];

  it.each(ACTS)('is never changed by %s', async (_, act) => {
    for (const model of [guarded.Entry, guarded.Second]) {
      const document = await load(model);
      const outcome = await outcomeOf(() => act(document, model));
      // A change that the schema of the entries drops is none, and has nothing to refuse.
      if (model === guarded.Second) expect(outcome).toBe('APPEND_ONLY');
    }
  });
});

describe('aggregate', () => {
  const STAGES: [string, Any[]][] = [
    ['$out', [{ $match: {} }, { $out: 'audit_entries' }]],
    ['$out elsewhere', [{ $out: 'copy' }]],
    ['$merge', [{ $merge: { into: 'audit_entries', whenMatched: 'replace' } }]],
  ];
  const DISGUISED: [string, Any[]][] = [
    ['a $merge that is a Map', [new Map([['$merge', { into: 'audit_entries' }]])]],
    ['a $out that toBSON gives', [{ toBSON: () => ({ $out: 'audit_entries' }) }]],
  ];
  const bare = (): Any => guarded.Entry.collection;

  it.each(STAGES)('is refused with %s', async (_, pipeline) => {
    await expectRefused(() => guarded.Second.aggregate(pipeline));
    await expectRefused(() => guarded.Second.aggregate(pipeline).option({ middleware: false } as Any));
    await expectRefused(() => guarded.Second.aggregate(pipeline).cursor().next());
    await expectRefused(() => guarded.Entry.aggregate(pipeline));
  });

  it.each([...STAGES, ...DISGUISED])('is refused on the collection with %s', async (_, pipeline) => {
    await expectRefused(() => bare().aggregate(pipeline).toArray());
    await expectRefused(() => guarded.connection.collection('audit_entries').aggregate(pipeline).toArray());
  });

  it('is refused with the option `out`', async () => {
    const options = { out: 'audit_entries' };
    await expectRefused(() => bare().aggregate([], options).toArray());
    await expectRefused(() => guarded.Second.aggregate([{ $match: {} }]).option(options as Any));
    await expectRefused(() => guarded.Entry.aggregate([{ $match: {} }]).option(options as Any));
  });

  it('is refused where the cursor is told to write', async () => {
    await expectRefused(() => bare().aggregate([]).out('audit_entries').toArray());
    await expectRefused(() => bare().aggregate([]).clone().out('audit_entries').toArray());
    await expectRefused(() => bare().aggregate([]).addStage({ $merge: 'audit_entries' }).toArray());
  });

  it('writes nothing where the pipeline grows behind its back', async () => {
    const pipeline: Any[] = [{ $match: { tenantId: 't' } }];
    const cursor = bare().aggregate(pipeline);
    pipeline.push({ $limit: 1 }, { $out: 'audit_entries' });
    expect(await cursor.toArray()).toHaveLength(3);
  });

  it('is allowed to go on reading', async () => {
    expect(
      await bare().aggregate([]).match({ tenantId: 't' }).sort({ seq: 1 }).limit(2).toArray(),
    ).toHaveLength(2);
  });

  it('is allowed to read', async () => {
    const pipeline = [{ $match: { tenantId: 't' } }, { $group: { _id: '$actor', count: { $sum: 1 } } }];
    expect(await guarded.Entry.aggregate(pipeline)).toEqual([{ _id: 'ann', count: 3 }]);
  });
});

describe('the collection that Mongoose holds', () => {
  const CALLS: [string, (collection: Any) => unknown][] = [
    ['updateOne', (c) => c.updateOne(ONE, CHANGE)],
    ['updateMany', (c) => c.updateMany({}, CHANGE)],
    ['replaceOne', (c) => c.replaceOne(ONE, WHOLE)],
    ['findOneAndUpdate', (c) => c.findOneAndUpdate(ONE, CHANGE)],
    ['findOneAndReplace', (c) => c.findOneAndReplace(ONE, WHOLE)],
    ['findOneAndDelete', (c) => c.findOneAndDelete(ONE)],
    ['findAndModify', (c) => c.findAndModify(ONE, CHANGE)],
    ['deleteOne', (c) => c.deleteOne(ONE)],
    ['deleteMany', (c) => c.deleteMany({})],
    ['drop', (c) => c.drop()],
    ['dropIndex', (c) => c.dropIndex('tenantId_1_seq_1')],
    ['dropIndexes', (c) => c.dropIndexes()],
    ['rename', (c) => c.rename('other')],
    ['initializeOrderedBulkOp', (c) => c.initializeOrderedBulkOp().find(ONE).deleteOne().execute()],
    ['initializeUnorderedBulkOp', (c) => c.initializeUnorderedBulkOp().find(ONE).deleteOne().execute()],
    ['a TTL index', (c) => c.createIndex({ recordedAt: 1 }, { expireAfterSeconds: 1 })],
    [
      'TTL indexes',
      (c) => c.createIndexes([{ key: { a: 1 } }, { key: { recordedAt: 1 }, expireAfterSeconds: 0 }]),
    ],
  ];

  it.each(CALLS)('refuses %s', async (_, call) => {
    await expectRefused(() => call(guarded.Entry.collection));
    await expectRefused(() => call(guarded.Second.collection));
    await expectRefused(() => call(guarded.connection.collection('audit_entries')));
  });

  it('refuses a schema that wants entries to expire', async () => {
    const schema = new Schema(
      { at: Date },
      { collection: 'audit_entries', autoIndex: false, autoCreate: false },
    );
    schema.index({ at: 1 }, { expireAfterSeconds: 60 });
    const Expiring = guarded.connection.model('Expiring', schema);
    await expectRefused(() => Expiring.createIndexes());
    await expectRefused(() => Expiring.ensureIndexes({}));
  });

  it('refuses to synchronize indexes where that would drop the chain’s', async () => {
    await expectRefused(() => guarded.Second.syncIndexes());
    await expectRefused(() => guarded.Second.cleanIndexes());
  });

  it('is guarded once, however many ledgers there are', async () => {
    createAudit({ connection: guarded.connection });
    createAudit({ connection: guarded.connection });
    await expectRefused(() => guarded.Entry.collection.deleteMany({}));
    expect(await guarded.Entry.collection.aggregate(COUNT).toArray()).toEqual([{ n: 3 }]);
  });
});

describe('a refusal', () => {
  it('says what was refused, and what to do instead', async () => {
    await expect(guarded.Entry.deleteMany({})).rejects.toThrow(
      /^deleteMany was refused: audit entries are never changed or removed\. Record a further event/,
    );
    await expect(guarded.Entry.bulkWrite([{ deleteOne: { filter: ONE } }])).rejects.toThrow(
      /bulkWrite with deleteOne/,
    );
  });
});

describe('on a connection of its own', () => {
  it('lets entries be added through models', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    await audit.event({ tenantId: 't', action: 'a.b' });
    const Entry = auditEntryModel(connection) as Model<Any>;
    const entry = (n: number): Any => ({
      ...{
        _id: `u:${n}`,
        v: 1,
        tenantId: 'u',
        id: `${n}`,
        seq: n,
        occurredAt: new Date(),
        recordedAt: new Date(),
      },
      ...{ actor: 'a', action: 'a', outcome: 'success', prevHash: '0', hash: '0', metadata: {} },
    });
    await Entry.create(entry(1));
    await Entry.insertMany([entry(2), entry(3)]);
    await Entry.bulkWrite([{ insertOne: { document: entry(4) } }]);
    await Entry.collection.insertOne(entry(5));
    const documents = await connection.db!.collection('audit_entries').find({ tenantId: 'u' }).toArray();
    expect(documents).toHaveLength(5);
    expect(documents.every(({ metadata }) => typeof metadata === 'object')).toBe(true);
  });

  it('guards again after the models were deleted, as hot reloads do', async () => {
    const connection = await connect();
    await createAudit({ connection }).event({ tenantId: 't', action: 'a.b' });
    connection.deleteModel(/.*/);
    const audit = createAudit({ connection });
    await expectRefused(() => connection.collection('audit_entries').deleteMany({}));
    expect(await audit.list({ tenantId: 't' })).toHaveLength(1);
  });

  it('does not stop another connection: the database role has to', async () => {
    const { name } = guarded.connection;
    const other = await createConnection(sharedDatabaseUri(), { dbName: name }).asPromise();
    const copy = { _id: 'forged', tenantId: 'elsewhere', seq: 1 } as Any;
    await other.collection('audit_entries').insertOne(copy);
    expect(await other.collection('audit_entries').deleteOne(copy)).toMatchObject({ deletedCount: 1 });
    await other.close();
  });
});
