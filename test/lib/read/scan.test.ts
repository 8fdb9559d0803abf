import fc from 'fast-check';
import type { Audit, Entry, ListQuery } from '../../../index';
import { scan } from '../../../lib/read/scan';
import { AlterableStore } from '../../support/alterable-store';
import { memoryLedger } from '../../support/memory-ledger';

const SIZE = 60;
const WHOLE = { min: 1, max: Number.MAX_SAFE_INTEGER };

let store: AlterableStore;
let audit: Audit;

const of = <T>(values: readonly T[], n: number): T => values[n % values.length] as T;

beforeAll(async () => {
  store = new AlterableStore();
  ({ audit } = memoryLedger({}, store));
  const batch = audit.batch();
  for (let n = 1; n <= SIZE; n++)
    batch.event({
      tenantId: 't',
      actor: {
        id: of(['ada', 'bob', '!robot'], n),
        name: of(['Ada Lovelace', 'Bob'], n),
        onBehalfOf: of([null, 'eve'], n),
      },
      action: of(['org.read', 'org.write', 'contact.import'], n),
      resource: { id: `r${n % 4}`, type: of(['invoice', 'file'], n) },
      outcome: of(['success', 'denied'] as const, n),
      occurredAt: new Date(Date.UTC(2026, 0, (n % 28) + 1)),
      metadata: {
        note: of(['Refund (50%)', 'Über den Wolken', '.*'], n),
        nested: [{ reason: `Number ${n}` }],
      },
      context: { ipAddress: `10.0.0.${n % 3}`, requestId: `req-${n % 7}` },
    });
  batch.event({ tenantId: 'u', action: 'org.read', metadata: { note: 'Refund' } });
  await batch.commit();
});

/** All pages, one after the other. */
async function found(query: Omit<ListQuery, 'tenantId'>): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await audit.list({ tenantId: 't', limit: 7, ...query, cursor });
    all.push(...page);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

const isIn =
  (values: readonly string[]) =>
  (value: unknown): boolean =>
    values.includes(String(value));

describe('what no index tells', () => {
  it.each<[Omit<ListQuery, 'tenantId'>, (entry: Entry) => boolean]>([
    [{ resourceType: 'invoice' }, ({ resourceType }) => resourceType === 'invoice'],
    [{ resourceType: ['!invoice'] }, ({ resourceType }) => resourceType !== 'invoice'],
    [{ onBehalfOf: 'eve' }, ({ onBehalfOf }) => onBehalfOf === 'eve'],
    [{ ipAddress: ['10.0.0.1', '10.0.0.2'] }, ({ context }) => context?.['ipAddress'] !== '10.0.0.0'],
    [{ requestId: 'req-3' }, ({ context }) => context?.['requestId'] === 'req-3'],
    [{ action: '!contact.import' }, ({ action }) => action !== 'contact.import'],
    [{ action: ['org.*', '!org.write'] }, ({ action }) => action === 'org.read'],
    [{ outcome: '!success' }, ({ outcome }) => outcome === 'denied'],
    [{ notActor: ['ada', '!robot'] }, ({ actor }) => actor === 'bob'],
    [{ actor: '!robot' }, ({ actor }) => actor === '!robot'],
    [
      { actor: ['ada', 'bob'], text: 'number refund' },
      ({ actor, metadata }) => isIn(['ada', 'bob'])(actor) && JSON.stringify(metadata).includes('Refund'),
    ],
    [{ text: 'refund 50%' }, ({ metadata }) => JSON.stringify(metadata).includes('Refund')],
    [{ text: 'ÜBER' }, ({ metadata }) => JSON.stringify(metadata).includes('Über')],
    [{ text: 'Lovelace' }, ({ actorName }) => actorName === 'Ada Lovelace'],
    [{ text: '.*' }, ({ metadata }) => JSON.stringify(metadata).includes('.*')],
    [{ text: 'nobody says this' }, () => false],
    [
      { occurredFrom: '2026-01-05', occurredTo: '2026-01-05' },
      ({ occurredAt }) => occurredAt.startsWith('2026-01-05'),
    ],
  ])('%j', async (query, isWanted) => {
    const all = await audit.list({ tenantId: 't', limit: 1000 });
    const expected = all.filter(isWanted).map(({ seq }) => seq);
    expect((await found(query)).map(({ seq }) => seq)).toEqual(expected);
    expect((await found({ ...query, order: 'asc' })).map(({ seq }) => seq)).toEqual(expected.toReversed());
  });

  it('says how far it looked, and leaves that out where an index answers', async () => {
    const page = await audit.list({ tenantId: 't', limit: 3, resourceType: 'file' });
    expect(page).toHaveLength(3);
    expect(page.lookedAt).toEqual({ entries: 6, seq: SIZE - 5, recordedAt: expect.any(String) });
    expect(await audit.list({ tenantId: 't', actor: ['ada', 'bob'] })).not.toHaveProperty('lookedAt');
    const nothing = await audit.list({ tenantId: 'nobody', text: 'x' });
    expect(Object.assign({}, nothing)).toEqual({
      nextCursor: null,
      lookedAt: { entries: 0, seq: null, recordedAt: null },
    });
  });

  it('looks up once which names a prefix means, and leaves very many to the store', async () => {
    class Counting extends AlterableStore {
      asked = 0;
      override async actionNames(...query: Parameters<AlterableStore['actionNames']>): Promise<string[]> {
        this.asked++;
        return super.actionNames(...query);
      }
    }
    const counting = new Counting();
    const { audit: long } = memoryLedger({}, counting);
    const batch = long.batch();
    for (let n = 0; n < 1_200; n++)
      batch.event({
        tenantId: 't',
        action: n % 2 ? `few.${n % 5}` : `many.${n % 200}`,
        metadata: { fruit: n % 7 ? 'fig' : 'plum' },
      });
    await batch.commit();
    const few = await long.list({ tenantId: 't', action: ['few.*', 'many.0'], text: 'plum', limit: 1000 });
    const numbers = Array.from({ length: 1_200 }, (_, i) => 1_199 - i);
    expect(few.map(({ seq }) => seq - 1)).toEqual(
      numbers.filter((n) => n % 7 === 0 && (n % 2 === 1 || n % 200 === 0)),
    );
    expect([few.lookedAt?.entries, counting.asked]).toEqual([606, 1]);
    const many = await long.list({ tenantId: 't', action: 'many.*', text: 'plums' });
    expect([many.length, many.lookedAt?.entries]).toEqual([0, 600]);
    const all = await long.list({ tenantId: 't', action: '*', text: 'plums' });
    expect([all.lookedAt?.entries, counting.asked]).toEqual([1_200, 2]);
    const none = await long.list({ tenantId: 't', action: 'no.*', text: 'plum' });
    expect([none.length, none.nextCursor]).toEqual([0, null]);
  });

  it('shows an altered entry to whoever searches, as it cannot be compared', async () => {
    const altered = new AlterableStore();
    const other = memoryLedger({}, altered).audit;
    for (const action of ['a', 'b', 'c']) await other.event({ tenantId: 't', action, id: action });
    altered.alter('t', 2, { actor: 7 });
    await expect(other.list({ tenantId: 't', text: 'nowhere' })).rejects.toMatchObject({
      code: 'ENTRY_ALTERED',
    });
  });
});

describe('scan', () => {
  const query = { tenantId: 't', order: 'desc', limit: 5, seq: WHOLE } as const;

  it('looks at so many entries and no more, and goes on from there though nothing was found', async () => {
    const asked: number[] = [];
    const counting = {
      page: (page: Parameters<typeof store.page>[0]) => (asked.push(page.limit), store.page(page)),
    };
    const bound = { entries: 25, time: Infinity };
    const first = await scan(query, { words: ['qzq'] }, counting, bound);
    expect(first).toMatchObject({ readings: [], looked: 25, isOpen: true, last: { seq: SIZE - 24 } });
    expect(asked).toEqual([25]);
    const seq = { min: 1, max: SIZE - 25 };
    expect(await scan({ ...query, seq }, { words: ['qzq'] }, counting, bound)).toMatchObject({
      looked: 25,
      isOpen: true,
    });
    expect(
      await scan({ ...query, seq: { min: 1, max: 10 } }, { words: ['qzq'] }, counting, bound),
    ).toMatchObject({
      ...{ looked: 10, isOpen: false, last: { seq: 1 } },
    });
  });

  it('stops when its time is up, but gets on', async () => {
    const { audit: long, store: longStore } = memoryLedger();
    const batch = long.batch();
    for (let n = 0; n < 600; n++) batch.event({ tenantId: 't', action: 'a' });
    await batch.commit();
    const spent = await scan(query, { words: ['qzq'] }, longStore, { entries: 1000, time: 0 });
    expect(spent).toMatchObject({ readings: [], looked: 500, isOpen: true });
  });

  it('gives with any bound, page by page, what one look at everything gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.constantFrom({ words: ['refund'] }, { requestId: ['req-2', 'req-5'] }, { words: ['no such'] }),
        async (entries, limit, order, conditions) => {
          const whole = await scan({ ...query, order, limit: 1000 }, conditions, store);
          const seen: (number | null)[] = [];
          let seq = { ...WHOLE };
          for (let isOpen = true; isOpen;) {
            const page = await scan({ ...query, order, limit, seq }, conditions, store, {
              entries,
              time: Infinity,
            });
            seen.push(...page.readings.map((reading) => reading.seq));
            isOpen = page.isOpen;
            const last = page.last?.seq ?? 0;
            seq = order === 'asc' ? { ...seq, min: last + 1 } : { ...seq, max: last - 1 };
          }
          expect(seen).toEqual(whole.readings.map((reading) => reading.seq));
        },
      ),
      { numRuns: 40 },
    );
  });
});
