import mongoose, { type ClientSession, type Connection } from 'mongoose';
import { type Audit, auditChanges, type Entry } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { type Models, modelsOn, seed, type Trial, WAYS } from './ways';

const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');
const IS_LONG = process.env['AUDIT_TEST_LONG'] !== undefined;

interface Stand {
  library: typeof mongoose;
  connection: Connection;
  audit: Audit;
  models: Models;
}

/** The documents as a second connection has them, by id. */
async function documentsBy(observer: Connection): Promise<Map<string, unknown>> {
  const found = await observer.collection('contacts').find({}).toArray();
  return new Map(found.map((document) => [String(document._id), JSON.parse(JSON.stringify(document))]));
}

interface Found {
  id: string;
  before: unknown;
  after: unknown;
}

function differences(before: Map<string, unknown>, after: Map<string, unknown>): Found[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  return ids
    .map((id) => ({ id, before: before.get(id) ?? null, after: after.get(id) ?? null }))
    .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after))
    .sort((one, other) => one.id.localeCompare(other.id));
}

let observer: Connection;
beforeAll(async () => {
  observer = await connect();
});

async function standOn(library: typeof mongoose): Promise<Stand> {
  const options = { dbName: observer.name };
  const connection = await library.createConnection(sharedDatabaseUri(), options).asPromise();
  const audit = createAudit({ connection });
  await audit.event({ tenantId: 'first', action: 'a.b' });
  const models = modelsOn(library, connection, (schema) =>
    schema.plugin(auditChanges, { name: 'contact', audit }),
  );
  await Promise.all(Object.values(models).map((model: { init(): Promise<unknown> }) => model.init()));
  return { library, connection, audit, models };
}

let last = 0;

/** Tries one way, and compares the events with what a second connection sees. */
async function attempt(
  { library, connection, audit, models }: Stand,
  way: (trial: Trial) => Promise<unknown>,
  { count, inSession }: { count: number; inSession: boolean },
): Promise<{ expected: Found[]; entries: Entry[] }> {
  const contacts = observer.collection('contacts');
  await contacts.deleteMany({});
  const documents = seed(count, () => new mongoose.Types.ObjectId());
  await contacts.insertMany(documents);
  const before = await documentsBy(observer);
  const tenantId = `trial-${++last}`;
  const ids = documents.slice(0, count).map(({ _id }) => new library.Types.ObjectId(String(_id)));
  await audit.runAs({ tenantId, actor: 'ann' }, async () => {
    if (!inSession) return way({ ...models, within: {}, count, ids });
    const run = (session: ClientSession) => way({ ...models, within: { session }, count, ids });
    return connection.transaction(run).catch((error: unknown) => {
      if (!/E11000/.test(String(error))) throw error;
    });
  });
  await audit.flush();
  const entries = [...(await audit.list({ tenantId, order: 'asc', limit: 1000 }))];
  return { expected: differences(before, await documentsBy(observer)), entries };
}

/** Entries of one transaction are one a document; of several writes they are one a write, each from where the last ended. */
function joined(entries: readonly Entry[]): Found[] {
  const byId = new Map<string, Found>();
  for (const { resource, before, after } of entries) {
    const id = String(resource);
    const earlier = byId.get(id);
    if (earlier) expect(before).toEqual(earlier.after);
    byId.set(id, { id, before: earlier ? earlier.before : before, after });
  }
  return [...byId.values()].sort((one, other) => one.id.localeCompare(other.id));
}

describe.each([
  ['9', mongoose],
  ['8', mongoose8],
])('with Mongoose %s', (version, library) => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await standOn(library);
  });
  afterAll(async () => {
    await stand.audit.close();
    await stand.connection.close();
  });

  const counts = version === '9' || IS_LONG ? [0, 1, 3] : [3];

  it.each(Object.keys(WAYS))('%s: one event for each document that changed, and no other', async (name) => {
    for (const inSession of [false, true]) {
      for (const count of counts) {
        const way = WAYS[name] as (trial: Trial) => Promise<unknown>;
        const { expected, entries } = await attempt(stand, way, { count, inSession });
        const subject = `${name}, ${inSession ? 'in' : 'without'} a session, of ${count}`;
        const found = joined(entries).filter(
          (one) => JSON.stringify(one.before) !== JSON.stringify(one.after),
        );
        expect([subject, found]).toEqual([subject, expected]);
        if (inSession) expect([subject, entries.length]).toEqual([subject, expected.length]);
        for (const { actor, action, before, after, metadata } of entries) {
          expect([actor, action]).toEqual([
            'ann',
            `contact.${before === null ? 'create' : after === null ? 'delete' : 'update'}`,
          ]);
          expect((metadata as { changed: string[] }).changed.length).toBeGreaterThan(0);
        }
      }
    }
  });
});
