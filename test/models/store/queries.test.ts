import fc from 'fast-check';
import type { Connection, mongo } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import type { Entry } from '../../../lib/chain/entry';
import { listOf } from '../../../lib/read/rules';
import type {
  ActionFilter,
  CountQuery,
  EntryFilter,
  PageQuery,
  SeqRange,
  Store,
} from '../../../lib/store/store';
import { MongoStore } from '../../../models/store/mongo-store';
import { allEntries } from '../../support/all-entries';
import { connect } from '../../support/connection';

const ACTIONS = ['org.member.invite', 'org.member.remove', 'org.play', 'organ.play', 'billing.pay', 'é.org'];
const PREFIXES = [
  '',
  'o',
  'org',
  'org.',
  'org.m',
  'org.member.invite',
  'organ',
  'b',
  'é',
  'z',
  'many.',
  'org.*',
];
const SIZE = 400;
const MAX = Number.MAX_SAFE_INTEGER;

let connection: Connection;
let store: Store;
let entries: Entry[];
const documents = (): mongo.Collection => connection.db!.collection('audit_entries');

beforeAll(async () => {
  connection = await connect();
  store = new MongoStore(connection);
  const audit = createAudit({ connection });
  const batch = audit.batch();
  for (let n = 0; n < SIZE; n++) {
    batch.event({
      tenantId: 't',
      actor: n % 97 === 5 ? 'rare' : `user_${(n * 7) % 5}`,
      // More names than a prefix is taken apart into, and one that is seldom.
      action: n % 5 === 0 ? `many.${n}` : n % 90 === 7 ? 'org.seldom' : ACTIONS[(n * n) % ACTIONS.length]!,
      resource: `r${n % 4}`,
      outcome: (['success', 'success', 'denied', 'failure'] as const)[(n * 3) % 4]!,
    });
    batch.event({ tenantId: 'u', action: 'org.of.u' });
  }
  await batch.commit();
  entries = await allEntries(audit, 't');
});

function isIn({ actor, action, resource, outcome }: EntryFilter): (entry: Entry) => boolean {
  const isAny = <Value>(asked: Value | readonly Value[] | undefined, is: (value: Value) => boolean) =>
    asked === undefined || listOf(asked).some(is);
  return (entry) =>
    isAny<unknown>(actor, (value) => entry.actor === value) &&
    isAny<unknown>(resource, (value) => entry.resource === value) &&
    isAny<unknown>(outcome, (value) => entry.outcome === value) &&
    isAny<ActionFilter>(action, ({ name, prefix }) =>
      prefix ? entry.action.startsWith(name) : entry.action === name,
    );
}

const within =
  ({ min, max }: SeqRange) =>
  ({ seq }: Entry): boolean =>
    seq >= min && seq <= max;

const seqs = async (query: PageQuery): Promise<(number | null)[]> =>
  (await store.page(query)).map(({ seq }) => seq);

const some = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const prefixed = fc.constantFrom(...PREFIXES).map((name) => ({ name, prefix: true }));
const named = fc.constantFrom(...ACTIONS, 'org', 'many.5').map((name) => ({ name, prefix: false }));
const orList = <Value>(values: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: values, weight: 2 }, fc.array(values, { minLength: 1, maxLength: 3 }));
const filters = fc
  .record({
    actor: some(orList(fc.constantFrom('rare', 'user_1', 'user_2', 'nobody'))),
    action: fc.oneof({ arbitrary: orList(prefixed), weight: 4 }, orList(named), fc.constant(undefined)),
    resource: some(orList(fc.constantFrom('r0', 'r3'))),
    outcome: some(orList(fc.constantFrom('success' as const, 'denied' as const))),
  })
  .map((filter) => filter as EntryFilter);
const aloneOrNot = fc.oneof(
  prefixed.map((action): EntryFilter => ({ action })),
  orList(fc.oneof(prefixed, named)).map((action): EntryFilter => ({ action })),
  fc.constant<EntryFilter>({ actor: ['rare', 'user_3', 'rare'] }),
  filters,
);
const bound = fc.oneof(fc.integer({ min: 1, max: SIZE }), fc.constantFrom(1, SIZE, SIZE + 1, MAX));
const ranges = fc
  .tuple(bound, bound)
  .map(([a, b]): SeqRange => ({ min: Math.min(a, b), max: Math.max(a, b) }));

describe('readPage', () => {
  it('gives what a naive filter gives, page by page through to the end, in both orders', async () => {
    await fc.assert(
      fc.asyncProperty(
        aloneOrNot,
        fc.oneof(ranges, fc.constant({ min: 1, max: MAX })),
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.constantFrom(1, 7, 30, 101, 1001),
        async (filter, range, order, limit) => {
          const expected = entries.filter(within(range)).filter(isIn(filter));
          if (order === 'desc') expected.reverse();
          const seen: (number | null)[] = [];
          let seq = range;
          for (let pages = 0; pages < 4; pages++) {
            const page = await seqs({ tenantId: 't', ...filter, order, limit, seq });
            expect(page.length).toBeLessThanOrEqual(limit);
            seen.push(...page);
            const last = page.at(-1);
            if (page.length < limit || typeof last !== 'number') break;
            seq = order === 'asc' ? { min: last + 1, max: range.max } : { min: range.min, max: last - 1 };
            if (seq.min > seq.max) break;
            // The rest in one piece: single steps would take long.
            if (pages === 2) limit = 1001;
          }
          expect(seen).toEqual(expected.map(({ seq }) => seq));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives whole entries', async () => {
    const query = { tenantId: 't', order: 'asc', limit: 5, seq: { min: 1, max: MAX } } as const;
    const page = await store.page({ ...query, action: { name: 'org.', prefix: true } });
    expect(page.map(({ entry }) => entry)).toEqual(
      entries.filter(isIn({ action: { name: 'org.', prefix: true } })).slice(0, 5),
    );
  });

  it('keeps tenants apart', async () => {
    const query = { order: 'desc', limit: 1001, seq: { min: 1, max: MAX } } as const;
    const action = { name: 'org.of', prefix: true };
    expect(await seqs({ ...query, tenantId: 't', action })).toEqual([]);
    expect(await seqs({ ...query, tenantId: 'u', action })).toHaveLength(SIZE);
    expect(await seqs({ ...query, tenantId: 'nobody', action })).toEqual([]);
  });

  it('gives an altered entry where it matches, and is not kept from the others by one', async () => {
    const query = { tenantId: 'hostile', order: 'desc', limit: 3, seq: { min: 1, max: MAX } } as const;
    const altered = (seq: unknown, action: unknown): object => ({
      _id: `h:${String(seq)}`,
      tenantId: 'hostile',
      seq,
      action,
    });
    await documents().insertMany([
      altered(1, 'org.a'),
      altered(2, 7),
      altered(3, { org: 'org.a' }),
      altered(4, 'org.b'),
      altered('x', 'org.a'),
      altered(5.5, 'org.a'),
    ] as never);
    const page = await store.page({ ...query, action: { name: 'org.', prefix: true } });
    expect(page.map(({ documentId }) => documentId)).toEqual(['h:5.5', 'h:4', 'h:1']);
    await documents().insertOne(altered([6, 7], 'org.a'));
    const next = await store.page({ ...query, action: { name: 'org.', prefix: true } });
    expect(next.map(({ documentId }) => documentId)).toEqual(['h:6,7', 'h:5.5', 'h:4']);
  });

  it('gives an entry once whose value was altered to a list of those that are asked for', async () => {
    await documents().insertMany([
      { _id: 'l:1', tenantId: 'list', seq: 1, actor: 'a' },
      { _id: 'l:2', tenantId: 'list', seq: 2, actor: ['a', 'b'] },
      { _id: 'l:3', tenantId: 'list', seq: 3, actor: 'b' },
    ] as never);
    const query = { tenantId: 'list', actor: ['a', 'b'], seq: { min: 1, max: MAX } } as const;
    for (const limit of [2, 10])
      expect(await seqs({ ...query, order: 'asc', limit })).toEqual([1, 2, 3].slice(0, limit));
    expect(await seqs({ ...query, order: 'desc', limit: 2 })).toEqual([3, 2]);
  });
});

describe('countEntries', () => {
  it('counts what a naive filter lets through in each range, up to the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        aloneOrNot,
        fc.array(ranges, { maxLength: 20 }),
        fc.constantFrom(1, 10, 1000),
        async (filter, ranges, limit) => {
          const query: CountQuery = { tenantId: 't', ...filter };
          const expected = ranges.map((range) =>
            Math.min(limit, entries.filter(within(range)).filter(isIn(filter)).length),
          );
          expect(await store.counts(query, ranges, limit)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts nothing in a range that is none, and nothing of other tenants', async () => {
    const whole = { min: 1, max: MAX };
    expect(await store.counts({ tenantId: 't' }, [{ min: 5, max: 4 }, whole], 1000)).toEqual([0, SIZE]);
    expect(await store.counts({ tenantId: 'nobody' }, [whole], 1000)).toEqual([0]);
    const action = { name: 'org.of', prefix: true };
    expect(await store.counts({ tenantId: 't', action }, [whole], 1000)).toEqual([0]);
  });
});
