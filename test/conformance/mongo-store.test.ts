import fc from 'fast-check';
import type { ClientSession } from 'mongoose';
import { MongoStore } from '../../models/store/mongo-store';
import type { Draft, Entry } from '../../lib/chain/entry';
import { GENESIS } from '../../lib/chain/link';
import { AppendConflict, type PageQuery, type Store } from '../../lib/store/store';
import { connectToEmptied } from '../support/emptied';
import { MemoryStore } from '../../models/memory/memory-store';
import { sized } from '../support/sized';
import { chain } from './given';
import { describeStore } from './store';

let session: ClientSession | undefined;
afterAll(() => session?.endSession());

describeStore('MongoStore', async () => {
  const connection = await connectToEmptied();
  session ??= await connection.startSession();
  return { store: new MongoStore(connection), session };
});

describe('MongoStore and MemoryStore', () => {
  /** One step of a test, and what it gives; a refusal is given, too. */
  interface Step {
    run(store: Store): Promise<unknown>;
    toString(): string;
  }
  const step = (name: string, given: unknown, run: (store: Store) => Promise<unknown>): Step => ({
    run: (store) => run(store).catch((error: unknown) => (error as Error).name),
    toString: () => `${name} ${JSON.stringify(given)}`,
  });

  const few = <Value>(...values: Value[]) => fc.constantFrom(...values);
  const some = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
  const tenants = few('t', 'u', 't:a');
  const texts = few('a', 'a.b', 'a.bc', 'b', 'é', '\u{1F600}', 'a\uFFFD');
  const seqs = fc.integer({ min: 1, max: 12 });
  const seqRanges = fc.record({ min: seqs, max: fc.oneof(seqs, few(Number.MAX_SAFE_INTEGER)) });
  const times = fc.integer({ min: 0, max: 5 });
  const filters = fc.record({
    actor: some(texts),
    action: some(fc.record({ name: fc.oneof(texts, few('', 'a.')), prefix: fc.boolean() })),
    resource: some(texts),
    outcome: some(few('success' as const, 'denied' as const)),
  });

  const drafts = fc.record({
    tenantId: tenants,
    first: seqs,
    members: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 30 }).map(String),
        actor: texts,
        action: texts,
        outcome: few('success' as const, 'denied' as const),
        resource: texts,
        at: times,
      }),
      { minLength: 1, maxLength: 6 },
    ),
  });
  const appends = drafts.map(({ tenantId, first, members }) => {
    const change = (n: number): Partial<Draft> => {
      const { at: _, ...draft } = members[n - first]!;
      return draft;
    };
    const head = { ...GENESIS, seq: first - 1 };
    const entries = chain(tenantId, members.length, head, change).map((entry, i): Entry => {
      return { ...entry, recordedAt: new Date(members[i]!.at).toISOString() };
    });
    return step('append', entries, async (store) => {
      await store.append(entries);
      return null;
    });
  });

  const queries = fc.oneof(
    tenants.map((tenantId) => step('head', tenantId, (store) => store.head(tenantId))),
    fc
      .record({ tenantId: tenants, order: few('asc' as const, 'desc' as const), limit: seqs, seq: seqRanges })
      .chain((page) => filters.map((filter) => ({ ...page, ...filter }) as PageQuery))
      .map((query) => step('page', query, (store) => store.page(query))),
    fc
      .tuple(tenants, filters, fc.array(seqRanges, { maxLength: 4 }), seqs)
      .map(([tenantId, filter, ranges, limit]) => {
        const query = { tenantId, ...filter } as PageQuery;
        return step('counts', [query, ranges, limit], (store) => store.counts(query, ranges, limit));
      }),
    fc.tuple(tenants, filters, seqRanges, fc.boolean()).map(([tenantId, filter, seq, isWhole]) =>
      step('walk', [tenantId, filter, seq, isWhole], async (store) => {
        const found: unknown[] = [];
        const query = isWhole ? { tenantId } : ({ tenantId, ...filter, seq } as PageQuery);
        for await (const portion of store.walk(query)) found.push(...portion);
        return found;
      }),
    ),
    fc
      .tuple(tenants, fc.array(fc.integer({ min: 1, max: 30 }).map(String), { maxLength: 5 }))
      .map(([tenantId, ids]) =>
        step('find', [tenantId, ids], async (store) =>
          (await store.find(tenantId, ids)).sort((a, b) => Number(a.seq) - Number(b.seq)),
        ),
      ),
    fc
      .tuple(tenants, fc.oneof(texts, few('', 'a.')), seqs)
      .map((args) => step('actionNames', args, (store) => store.actionNames(...args))),
    fc.tuple(tenants, times).map((args) => step('firstSince', args, (store) => store.firstSince(...args))),
    fc
      .tuple(tenants, seqs, seqs)
      .map(([tenantId, begin, count]) =>
        step('leaves', [tenantId, begin, count], async (store) =>
          (await store.leaves(tenantId, begin - 1, begin - 1 + count)).map((hash) => Buffer.from(hash)),
        ),
      ),
  );

  it('give the same for the same calls, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ arbitrary: appends, weight: 1 }, { arbitrary: queries, weight: 2 }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (steps) => {
          const [mongo, memory] = [new MongoStore(await connectToEmptied()), new MemoryStore()];
          for (const step of steps) expect(await step.run(memory)).toEqual(await step.run(mongo));
        },
      ),
      { numRuns: sized(30, 300) },
    );
  });

  it('refuse by the same error', async () => {
    const [entry] = chain('t', 1);
    for (const store of [new MongoStore(await connectToEmptied()), new MemoryStore()]) {
      await store.append([entry!]);
      await expect(store.append([entry!])).rejects.toBeInstanceOf(AppendConflict);
    }
  });
});
