import { type Connection, createConnection } from 'mongoose';
import { Growth } from '../../../lib/streams/growth';
import { MongoStore } from '../../../models/store/mongo-store';
import { chain } from '../../conformance/given';
import { ChangeStreamProxy } from '../../support/change-stream-proxy';
import { connect } from '../../support/connection';
import { eventually } from '../../support/eventually';

/** Longer than any test: what is told then, the server has told. */
const NEVER = 3_600_000;

let proxy: ChangeStreamProxy;
let connection: Connection;
let store: MongoStore;
beforeEach(async () => {
  proxy = new ChangeStreamProxy();
  const { name: dbName } = await connect();
  connection = await createConnection(await proxy.listen(), { dbName }).asPromise();
  store = new MongoStore(connection);
  await store.prepare();
});
afterEach(async () => {
  await connection.close();
  await proxy.close();
});

const places = (tenantId: string, ...seqs: number[]) => seqs.map((seq) => ({ tenantId, seq }));

describe('a server that tells what is new', () => {
  it('tells each place once, whoever stored it, and goes on where it was when its cursor is lost', async () => {
    const told: unknown[] = [];
    const watch = await store.watchChains((place) => told.push(place));
    const all = chain('t', 7);
    await store.append(all.slice(0, 2));
    await eventually(() => expect(told).toEqual(places('t', 1, 2)));
    proxy.drop();
    await store.append(all.slice(2, 4));
    await eventually(() => expect(told).toEqual(places('t', 1, 2, 3, 4)));
    expect(proxy.opened).toEqual([null, expect.stringMatching(/^0+[1-9]/)]);
    await watch!.close();
    await watch!.ended;
    await store.append(all.slice(4));
    expect(told).toHaveLength(4);
  });

  it('is asked in the place of the tenants, who are looked at again when it fails for good', async () => {
    const told: [string, number][] = [];
    const growth = new Growth(store, { look: 20, lookBeside: NEVER, discover: NEVER });
    const end = growth.follow({ tenants: ['t'], grown: (tenantId, seq) => told.push([tenantId, seq]) });
    await eventually(() => expect(proxy.opened).toHaveLength(1));
    const all = chain('t', 5);
    await store.append(all.slice(0, 2));
    await eventually(() => expect(told).toContainEqual(['t', 2]));
    proxy.fail();
    await store.append(all.slice(2));
    await eventually(() => expect(told).toContainEqual(['t', 5]));
    end();
  });
});
