import fc from 'fast-check';
import type { Reading } from '../../lib/chain/chain-check';
import { GENESIS, type Head } from '../../lib/chain/link';
import { AppendConflict, type PageQuery, type Store } from '../../lib/store/store';
import { codePoint } from '../support/code-points';
import { sized } from '../support/sized';
import { chain, type MadeStore, NOW, upTo } from './given';
import { describeKeys } from './keys';
import { describeLeases, describeOutbox } from './outbox-and-leases';
import { describeStreams } from './stream-store';
import { describeTrees } from './tree-store';

const WHOLE = { min: 1, max: Number.MAX_SAFE_INTEGER };

const behind = (seq: number): Head => ({ seq, hash: 'ab'.repeat(32), recordedAt: NOW });
const seqsOf = (readings: Reading[]): (number | null)[] => readings.map(({ seq }) => seq);
const idsOf = (readings: Reading[]): (string | null)[] => readings.map(({ documentId }) => documentId);
const byBytes = (names: readonly string[]): string[] =>
  [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** What every store does, whatever it keeps its documents in. `make` is called before each test. */
export function describeStore(name: string, make: () => Promise<MadeStore>): void {
  describe(`${name} as a store`, () => {
    const given = {} as MadeStore;
    let store: Store;
    beforeEach(async () => {
      Object.assign(given, await make());
      ({ store } = given);
      await store.prepare();
    });

    async function portions(query: Parameters<Store['walk']>[0]): Promise<Reading[][]> {
      const all: Reading[][] = [];
      for await (const portion of store.walk(query)) all.push([...portion]);
      return all;
    }

    describe('once it is reached', () => {
      it('is open, and says so once', async () => {
        const call = jest.fn();
        store.whenOpen(call);
        await store.prepare();
        expect([store.isOpen(), call.mock.calls.length]).toEqual([true, 1]);
      });
    });

    describe('append', () => {
      it('stores entries as they are', async () => {
        const entries = chain('t', 3);
        await store.append(entries);
        const [readings] = await portions({ tenantId: 't' });
        expect(readings!.map(({ entry }) => entry)).toEqual(entries);
        expect((await store.head('t'))?.entry).toEqual(entries[2]);
      });

      it('gives each with its name, number and hash, whatever JSON is in it', async () => {
        await fc.assert(
          fc.asyncProperty(fc.jsonValue(), fc.string({ unit: codePoint }), async (metadata, text) => {
            const made = await make();
            const members = {
              metadata: JSON.parse(JSON.stringify(metadata)) as never, // without -0, which no draft has
              actor: text.toWellFormed().replaceAll('\0', ''),
            };
            const [entry] = chain('t', 1, GENESIS, () => structuredClone(members));
            await made.store.append([entry!]);
            const { seq, hash, documentId } = { seq: 1, hash: entry!.hash, documentId: 't:e1' };
            expect(await made.store.head('t')).toEqual({ documentId, seq, hash, entry, fault: null });
          }),
          { numRuns: sized(10, 100) },
        );
      });

      it('keeps what was given, though the caller changes it afterwards, or what was read', async () => {
        const [entry] = chain('t', 1, GENESIS, () => ({ metadata: { a: [1] } }));
        const kept = structuredClone(entry);
        await store.append([entry!]);
        (entry!.metadata as { a: number[] }).a.push(2);
        const read = (await store.head('t'))?.entry;
        expect(read).toEqual(kept);
        (read!.metadata as { a: number[] }).a.push(3);
        expect((await store.head('t'))?.entry).toEqual(kept);
      });

      it('refuses a number that is taken, and keeps what came before it', async () => {
        const entries = chain('t', 4);
        await store.append(entries.slice(2, 3));
        const conflict = store.append(entries.map((entry) => ({ ...entry, id: `other-${entry.id}` })));
        await expect(conflict).rejects.toBeInstanceOf(AppendConflict);
        expect(idsOf((await portions({ tenantId: 't' })).flat())).toEqual([
          ...['t:other-e1', 't:other-e2', 't:e3'],
        ]);
      });

      it('refuses an id that is taken', async () => {
        const [first, second] = chain('t', 2);
        await store.append([first!]);
        await expect(store.append([{ ...first!, seq: 2 }])).rejects.toBeInstanceOf(AppendConflict);
        await expect(store.append([second!, { ...first!, seq: 3 }])).rejects.toBeInstanceOf(AppendConflict);
        expect((await store.head('t'))?.seq).toBe(2);
      });

      it('takes the same number and id for another tenant', async () => {
        await store.append(chain('t', 2));
        await store.append(chain('u', 2));
        expect((await store.head('u'))?.seq).toBe(2);
      });

      it('lets one of many who write the same place in', async () => {
        const [entry] = chain('t', 1);
        const writing = upTo(8).map((n) => store.append([{ ...entry!, id: `by-${n}` }]));
        const settled = await Promise.allSettled(writing);
        expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await portions({ tenantId: 't' })).flat()).toHaveLength(1);
      });
    });

    describe('head', () => {
      it('is null of a tenant without entries', async () => {
        await store.append(chain('t', 1));
        expect(await store.head('u')).toBeNull();
      });

      it('is the highest number, also beyond 32 bits', async () => {
        await store.append([
          ...chain('t', 3),
          ...chain('t', 1, { seq: 2 ** 33, hash: 'ab', recordedAt: NOW }),
        ]);
        expect((await store.head('t'))?.seq).toBe(2 ** 33 + 1);
      });
    });

    describe('walk', () => {
      it('gives all entries of a tenant in order, in portions', async () => {
        await store.append(chain('u', 10));
        for (let from = 0; from < 2_600; from += 1_300) await store.append(chain('t', 1_300, behind(from)));
        const all = await portions({ tenantId: 't' });
        expect(seqsOf(all.flat())).toEqual(upTo(2_600));
        expect(all.length).toBeGreaterThan(1);
        expect(Math.max(...all.map((portion) => portion.length))).toBeLessThanOrEqual(1_000);
        expect(all.flat().every(({ fault }) => fault === null)).toBe(true);
      });

      it('gives nothing of a tenant without entries', async () => {
        expect((await portions({ tenantId: 't' })).flat()).toEqual([]);
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

      it('gives what is in a range and a filter lets through', async () => {
        await store.append(chain('t', 20, GENESIS, (n) => ({ actor: n % 2 ? 'odd' : 'even' })));
        const found = await portions({ tenantId: 't', seq: { min: 5, max: 10 }, actor: 'odd' });
        expect(seqsOf(found.flat())).toEqual([5, 7, 9]);
      });
    });

    describe('find', () => {
      it('gives those that are there, by tenant and id', async () => {
        await store.append(chain('t', 3));
        await store.append(chain('u', 5));
        const found = await store.find('t', ['e2', 'e5', 'e3', 'e2']);
        expect(idsOf(found).sort()).toEqual(['t:e2', 't:e3']);
        expect(await store.find('t', [])).toEqual([]);
      });

      it('keeps tenants apart whose names and ids look alike together', async () => {
        await store.append(chain('a:b', 1, GENESIS, () => ({ id: 'c' })));
        expect(await store.find('a', ['b:c'])).toEqual([]);
        expect(await store.find('a%3Ab', ['c'])).toEqual([]);
        expect(await store.find('a:b', ['c'])).toHaveLength(1);
      });
    });

    describe('page', () => {
      const page = (query: Partial<PageQuery> = {}): PageQuery => ({
        ...{ tenantId: 't', order: 'asc', limit: 1000, seq: WHOLE },
        ...query,
      });
      const ACTIONS = ['org.a', 'org.b', 'organ.a', 'é.a', 'org\u{1F600}'];
      beforeEach(async () => {
        const outcome = (n: number) => (['success', 'denied', 'failure'] as const)[n % 3]!;
        const change = (n: number) => ({
          ...{ actor: `actor-${n % 2}`, action: ACTIONS[n % 5]!, resource: `r${n % 4}`, outcome: outcome(n) },
        });
        await store.append([...chain('t', 30, GENESIS, change), ...chain('u', 5, GENESIS, change)]);
      });

      it('holds the first in its order, up to its limit, of one tenant', async () => {
        expect(seqsOf(await store.page(page()))).toEqual(upTo(30));
        expect(seqsOf(await store.page(page({ limit: 3 })))).toEqual([1, 2, 3]);
        expect(seqsOf(await store.page(page({ limit: 3, order: 'desc' })))).toEqual([30, 29, 28]);
        expect(await store.page(page({ tenantId: 'nobody' }))).toEqual([]);
        expect(seqsOf(await store.page(page({ tenantId: 'u' })))).toEqual(upTo(5));
      });

      it('holds both ends of its range, and nothing of one that is none', async () => {
        expect(seqsOf(await store.page(page({ seq: { min: 4, max: 6 } })))).toEqual([4, 5, 6]);
        expect(seqsOf(await store.page(page({ seq: { min: 29, max: 99 }, order: 'desc' })))).toEqual([
          30, 29,
        ]);
        expect(await store.page(page({ seq: { min: 6, max: 5 } }))).toEqual([]);
      });

      it.each<[Partial<PageQuery>, (n: number) => boolean]>([
        [{ actor: 'actor-1' }, (n) => n % 2 === 1],
        [{ resource: 'r3' }, (n) => n % 4 === 3],
        [{ outcome: 'denied' }, (n) => n % 3 === 1],
        [{ action: { name: 'org.b', prefix: false } }, (n) => n % 5 === 1],
        [{ action: { name: 'org', prefix: false } }, () => false],
        [{ action: { name: '', prefix: true } }, () => true],
        [{ action: { name: 'org', prefix: true } }, (n) => n % 5 !== 3],
        [{ action: { name: 'org.', prefix: true } }, (n) => n % 5 < 2],
        [{ action: { name: 'org.*', prefix: true } }, () => false],
        [{ action: { name: 'org.', prefix: true }, actor: 'actor-0' }, (n) => n % 5 < 2 && n % 2 === 0],
        [{ actor: '', resource: '' }, () => false],
        [{ actor: ['actor-1', 'nobody'] }, (n) => n % 2 === 1],
        [{ resource: ['r1', 'r3', 'r1'] }, (n) => n % 2 === 1],
        [{ outcome: ['denied', 'failure'], actor: ['actor-0'] }, (n) => n % 3 !== 0 && n % 2 === 0],
        [
          {
            action: [
              { name: 'é.a', prefix: false },
              { name: 'org.', prefix: true },
            ],
          },
          (n) => n % 5 !== 2 && n % 5 !== 4,
        ],
      ])('holds what a filter lets through: %j', async (filter, isIn) => {
        expect(seqsOf(await store.page(page(filter)))).toEqual(upTo(30).filter(isIn));
        const [last] = await store.page(page({ ...filter, order: 'desc', limit: 1 }));
        expect(last?.seq).toBe(upTo(30).findLast(isIn));
      });

      it('takes half of a surrogate pair for what is stored of one', async () => {
        await store.append(chain('half', 2, GENESIS, (n) => ({ actor: '\uFFFD', action: `a\uFFFD.${n}` })));
        const action = { name: 'a\ud83d', prefix: true };
        expect(seqsOf(await store.page(page({ tenantId: 'half', actor: '\ude00', action })))).toEqual([1, 2]);
      });

      it('counts the same in ranges, up to a limit', async () => {
        const ranges = [WHOLE, { min: 1, max: 10 }, { min: 7, max: 6 }, { min: 31, max: 40 }];
        const action = { name: 'org.', prefix: true };
        expect(await store.counts({ tenantId: 't' }, ranges, 1000)).toEqual([30, 10, 0, 0]);
        expect(await store.counts({ tenantId: 't', action }, ranges, 10)).toEqual([10, 4, 0, 0]);
        expect(await store.counts({ tenantId: 'u', actor: 'actor-1' }, ranges, 2)).toEqual([2, 2, 0, 0]);
        expect(await store.counts({ tenantId: 't', resource: ['r0', 'r1'] }, ranges, 99)).toEqual([
          15, 5, 0, 0,
        ]);
        expect(await store.counts({ tenantId: 't' }, [], 10)).toEqual([]);
      });

      it('is searched by the names of its actions, in the order of their bytes', async () => {
        expect(await store.actionNames('t', '', 100)).toEqual(byBytes(ACTIONS));
        expect(await store.actionNames('t', 'org', 100)).toEqual(
          byBytes(ACTIONS.filter((action) => action.startsWith('org'))),
        );
        expect(await store.actionNames('t', 'org.', 1)).toEqual(['org.a']);
        expect(await store.actionNames('nobody', '', 100)).toEqual([]);
      });
    });

    describe('actionNames', () => {
      it('are each given once, those of all planes of Unicode in the order of UTF-8', async () => {
        const names = ['\u{1F600}', '\uFFFD', '\uD7FF', 'a', 'Z', 'a.b', 'a\u0001', 'a'];
        await store.append(chain('t', names.length, GENESIS, (n) => ({ action: names[n - 1]! })));
        expect(await store.actionNames('t', '', 100)).toEqual(byBytes(names));
        expect(await store.actionNames('t', '', 3)).toEqual(byBytes(names).slice(0, 3));
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

    describeTrees(given);
    describeStreams(given);
    describeOutbox(given);
    describeLeases(given);
    describeKeys(given);
  });
}
