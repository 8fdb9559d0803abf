import { type Connection, type mongo } from 'mongoose';
import { connect } from '../connection';

let connection: Connection;
let numbers: ReturnType<Connection['collection']>;

beforeAll(async () => {
  connection = await connect();
  numbers = connection.collection('numbers');
  await numbers.insertMany(Array.from({ length: 1000 }, (_, n) => ({ n, third: n % 3 })));
});

describe('a cursor', () => {
  it('gives all documents over many pages', async () => {
    const found = await numbers.find({}, { batchSize: 7 }).toArray();
    expect(new Set(found.map(({ n }) => n as number)).size).toBe(1000);
  });

  it('goes on in order when no index gives the order, while others use the connections', async () => {
    const cursors = Array.from({ length: 5 }, () => numbers.find({}, { batchSize: 100 }).sort({ n: -1 }));
    const results = await Promise.all(cursors.map((cursor) => cursor.toArray()));
    const expected = Array.from({ length: 1000 }, (_, i) => 999 - i);
    for (const result of results) expect(result.map(({ n }) => n as number)).toEqual(expected);
  });

  it('gives the pages of an aggregation', async () => {
    const stages = [{ $match: { n: { $lt: 900 } } }, { $group: { _id: '$third', sum: { $sum: '$n' }, count: { $sum: 1 } } }, { $sort: { _id: 1 } }]; // prettier-ignore
    const groups = await numbers.aggregate(stages, { cursor: { batchSize: 1 } }).toArray();
    expect(groups.map(({ _id, count }): unknown[] => [_id, count])).toEqual([[0, 300], [1, 300], [2, 300]]); // prettier-ignore
  });

  it('is gone after killCursors', async () => {
    const db = connection.db!;
    const page = await db.command({ find: 'numbers', batchSize: 2, sort: { n: 1 } }, { promoteLongs: false });
    const { id } = page['cursor'] as { id: mongo.Long };
    const killed = await db.command({ killCursors: 'numbers', cursors: [id] });
    expect(killed['cursorsKilled']).toHaveLength(1);
    const more = db.command({ getMore: id, collection: 'numbers' });
    await expect(more).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
    const again = await db.command({ killCursors: 'numbers', cursors: [id] });
    expect(again['cursorsNotFound']).toHaveLength(1);
  });
});
