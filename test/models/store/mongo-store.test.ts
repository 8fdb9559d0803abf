import mongoose, { type Connection } from 'mongoose';
import { createAudit } from '../../../index';
import type { Reading } from '../../../lib/chain/chain-check';
import type { Draft, Entry } from '../../../lib/chain/entry';
import { GENESIS, type Head, link } from '../../../lib/chain/link';
import { AppendConflict } from '../../../lib/store/store';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { keepDatabase } from '../../support/kept-database';
import { sha256 } from '../../../lib/crypto/node';

const NOW = '2026-11-22T00:00:00.000Z';

let connection: Connection;
let store: MongoStore;

let restore: () => Promise<void>;

beforeAll(async () => {
  connection = await connect();
  store = new MongoStore(connection);
  await store.prepare();
  restore = await keepDatabase(connection);
});
afterEach(() => restore());

function chain(tenantId: string, count: number, head: Head = GENESIS): Entry[] {
  const entries: Entry[] = [];
  for (let n = head.seq + 1; n <= head.seq + count; n++) {
    const draft: Draft = {
      v: 1,
      tenantId,
      id: `e${n}`,
      occurredAt: NOW,
      actor: 'a',
      action: 'x',
      outcome: 'success',
    };
    entries.push(link(draft, entries.at(-1) ?? head, NOW, sha256));
  }
  return entries;
}

const seqsOf = (readings: Reading[]): (number | null)[] => readings.map(({ seq }) => seq);

async function portions(tenantId: string): Promise<Reading[][]> {
  const all: Reading[][] = [];
  for await (const portion of store.walk({ tenantId })) all.push([...portion]);
  return all;
}

describe('append', () => {
  it('stores entries as they are', async () => {
    const entries = chain('t', 3);
    await store.append(entries);
    const [readings] = await portions('t');
    expect(readings!.map(({ entry }) => entry)).toEqual(entries);
    expect((await store.head('t'))?.entry).toEqual(entries[2]);
  });

  it('refuses a number that is taken, and keeps what came before it', async () => {
    const entries = chain('t', 4);
    await store.append(entries.slice(2, 3));
    const conflict = store.append(entries.map((entry) => ({ ...entry, id: `other-${entry.id}` })));
    await expect(conflict).rejects.toBeInstanceOf(AppendConflict);
    await expect(conflict).rejects.toMatchObject({ cause: { code: 11_000 } });
    expect((await portions('t')).flat().map(({ documentId }) => documentId)).toEqual([
      ...['t:other-e1', 't:other-e2', 't:e3'],
    ]);
  });

  it('refuses an id that is taken', async () => {
    const [first] = chain('t', 1);
    await store.append([first!]);
    await expect(store.append([{ ...first!, seq: 2 }])).rejects.toBeInstanceOf(AppendConflict);
  });

  it('takes the same number and id for another tenant', async () => {
    await store.append(chain('t', 2));
    await store.append(chain('u', 2));
    expect((await store.head('u'))?.seq).toBe(2);
  });

  it('leaves other errors as they are', async () => {
    const [entry] = chain('t', 1);
    const huge = { ...entry!, metadata: { text: 'x'.repeat(17 * 1024 * 1024) } };
    const error: unknown = await store.append([huge]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(AppendConflict);
  });
});

describe('head', () => {
  it('is null of a tenant without entries', async () => {
    await store.append(chain('t', 1));
    expect(await store.head('u')).toBeNull();
  });

  it('is the highest number, also beyond 32 bits', async () => {
    await store.append([...chain('t', 3), ...chain('t', 1, { seq: 2 ** 33, hash: 'ab', recordedAt: NOW })]);
    expect((await store.head('t'))?.seq).toBe(2 ** 33 + 1);
  });
});

describe('walk', () => {
  it('gives all entries of a tenant in order, in portions', async () => {
    await store.append(chain('u', 10));
    for (let from = 0; from < 2_600; from += 1_300) {
      await store.append(chain('t', 1_300, { seq: from, hash: 'ab'.repeat(32), recordedAt: NOW }));
    }
    const all = await portions('t');
    expect(seqsOf(all.flat())).toEqual(Array.from({ length: 2_600 }, (_, i) => i + 1));
    expect(all.length).toBeGreaterThan(1);
    expect(Math.max(...all.map((portion) => portion.length))).toBeLessThanOrEqual(1_000);
    expect(all.flat().every(({ fault }) => fault === null)).toBe(true);
  });

  it('gives nothing of a tenant without entries', async () => {
    expect((await portions('t')).flat()).toEqual([]);
  });

  it('may be left early, again and again', async () => {
    await store.append(chain('t', 1_100));
    for (let n = 0; n < 3; n++) {
      for await (const portion of store.walk({ tenantId: 't' })) {
        const [first] = portion;
        expect(first?.seq).toBe(1);
        break;
      }
    }
  });
});

describe('find', () => {
  it('gives those that are there, by tenant and id', async () => {
    await store.append(chain('t', 3));
    await store.append(chain('u', 5));
    const found = await store.find('t', ['e2', 'e5', 'e3', 'e2']);
    expect(found.map(({ documentId }) => documentId).sort()).toEqual(['t:e2', 't:e3']);
    expect(await store.find('t', [])).toEqual([]);
  });
});

describe('firstSince', () => {
  it('is the lowest number at or after a time', async () => {
    const entries = chain('t', 3).map((entry, i) => ({
      ...entry,
      recordedAt: new Date(i * 1000).toISOString(),
    }));
    await store.append(entries);
    expect(await store.firstSince('t', 0)).toBe(1);
    expect(await store.firstSince('t', 1)).toBe(2);
    expect(await store.firstSince('t', 1000)).toBe(2);
    expect(await store.firstSince('t', 2000)).toBe(3);
    expect(await store.firstSince('t', 2001)).toBeNull();
    expect(await store.firstSince('u', 0)).toBeNull();
  });
});

describe('on a connection that is still connecting', () => {
  it('waits for it', async () => {
    const { host, port, name } = connection;
    const uri = `mongodb://${host}:${port}/?directConnection=true`;
    const late = mongoose.createConnection(uri, { dbName: name });
    await store.append(chain('t', 1));
    expect((await new MongoStore(late).head('t'))?.seq).toBe(1);
    await late.close();
  });
});

describe('the largest values that options allow, of the kind that grows most as BSON', () => {
  it('fit into a document', async () => {
    const audit = createAudit({ connection: await connect(), limits: { valueBytes: 524_288 } });
    const zeros = new Array<number>(262_143).fill(0);
    const { seq } = await audit.event({
      tenantId: 't',
      action: 'a.b',
      metadata: zeros,
      before: zeros,
      after: zeros,
    });
    const [entry] = await audit.list({ tenantId: 't' });
    expect([seq, JSON.stringify(entry?.after) === JSON.stringify(zeros)]).toEqual([1, true]);
  });
});
