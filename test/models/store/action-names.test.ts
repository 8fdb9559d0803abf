import { mongo, type Connection } from 'mongoose';
import fc from 'fast-check';
import { createAudit } from '../../support/create-audit';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';

const NAMES = [
  'billing.pay',
  'o',
  'org',
  'org.a',
  'org.a.b',
  'org.b',
  'org\u{1F600}',
  'orgz',
  'Org.a',
  '.*',
  'é',
];

let connection: Connection;
let store: MongoStore;
const entries = (): mongo.Collection => connection.db!.collection('audit_entries');
const byBytes = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

beforeAll(async () => {
  connection = await connect();
  store = new MongoStore(connection);
  const audit = createAudit({ connection });
  const batch = audit.batch();
  for (const action of [...NAMES, ...NAMES.slice(0, 5)]) batch.event({ tenantId: 't', action });
  batch.event({ tenantId: 'u', action: 'org.other' });
  batch.event({ tenantId: 't ', action: 'org.another' });
  await batch.commit();
});

describe('actionNames', () => {
  it('gives each name once, in the order of its bytes', async () => {
    expect(await store.actionNames('t', '', 100)).toEqual(byBytes(NAMES));
  });

  it('gives what begins with any prefix, taken literally, up to any limit', async () => {
    const prefix = fc.oneof(
      fc.constantFrom(...NAMES.flatMap((name) => [name, name.slice(0, 3), `${name}.`])),
      fc.constantFrom('.', '.*', '^org', '[', '\\', '$', 'org\0', 'ORG', '\u{1F600}'),
    );
    await fc.assert(
      fc.asyncProperty(prefix, fc.integer({ min: 1, max: 12 }), async (prefix, limit) => {
        if (!prefix.isWellFormed()) return;
        const expected = byBytes(NAMES.filter((name) => name.startsWith(prefix))).slice(0, limit);
        expect(await store.actionNames('t', prefix, limit)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps tenants apart', async () => {
    expect(await store.actionNames('u', '', 100)).toEqual(['org.other']);
    expect(await store.actionNames('', '', 100)).toEqual([]);
    expect(await store.actionNames('nobody', '', 100)).toEqual([]);
  });

  const ALTERED: unknown[] = [
    7,
    null,
    true,
    { $gt: '' },
    { 'org.a': 'org.a' },
    ['org.aa', 'org.c'],
    [['org.aa']],
    [],
    /^org/,
    new Date(0),
    new mongo.BSONSymbol('org.aa'),
    new mongo.Binary(Buffer.from('org.aa')),
    undefined,
  ];

  it('gives no altered value that is no text, and the names around it', async () => {
    const altered = ALTERED.map((action, i) => ({
      _id: `hostile:${i}`,
      tenantId: 'hostile',
      seq: 100 + i,
      ...(action !== undefined && { action }),
    }));
    const audit = createAudit({ connection });
    await audit
      .batch()
      .event({ tenantId: 'hostile', action: 'org.a' })
      .event({ tenantId: 'hostile', action: 'org.b' })
      .commit();
    await entries().insertMany(altered as never);
    expect(await store.actionNames('hostile', '', 100)).toEqual(['org.a', 'org.b']);
    expect(await store.actionNames('hostile', 'org.a', 100)).toEqual(['org.a']);
    expect(await store.actionNames('hostile', 'org.c', 100)).toEqual([]);
  });
});
