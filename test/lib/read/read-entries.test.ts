import type { Audit } from '../../../index';
import { formatCursor } from '../../../lib/read/cursor';
import { memoryLedger } from '../../support/memory-ledger';
import { AlterableStore } from '../../support/alterable-store';

const ACTORS = ['ann', 'bob', 'cy'];
const ACTIONS = ['org.member.invite', 'org.member.remove', 'organ.play', 'billing.pay'];

let store: AlterableStore;
let audit: Audit;

beforeAll(async () => {
  store = new AlterableStore();
  ({ audit } = memoryLedger({}, store));
  const batch = audit.batch();
  for (let n = 0; n < 24; n++) {
    const tenantId = n % 2 ? 'other' : 't';
    const outcome = (['success', 'denied'] as const)[n % 4 < 2 ? 0 : 1];
    batch.event({
      tenantId,
      id: `e${n}`,
      actor: ACTORS[n % 3]!,
      action: ACTIONS[n % 4]!,
      resource: `r${n % 6}`,
      outcome,
    });
  }
  await batch.commit();
});

const seqs = (entries: { seq: number }[]): number[] => entries.map(({ seq }) => seq);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('listEntries', () => {
  it('gives the newest first, of one tenant alone', async () => {
    const page = await audit.list({ tenantId: 't' });
    expect(seqs(page)).toEqual(upTo(12).reverse());
    expect(page.every(({ tenantId }) => tenantId === 't')).toBe(true);
    expect(page.nextCursor).toBeNull();
  });

  it('gives the oldest first when asked', async () => {
    expect(seqs(await audit.list({ tenantId: 't', order: 'asc' }))).toEqual(upTo(12));
  });

  it('gives nothing of a tenant that has nothing, nor of one that is a part of another’s name', async () => {
    for (const tenantId of ['nobody', 'othe', 'T', '', 't ', 't\0']) {
      expect(Object.assign([], await audit.list({ tenantId }))).toEqual(
        Object.assign([], { nextCursor: null }),
      );
    }
  });

  it.each(['asc', 'desc'] as const)('pages without gaps or repeats: %s', async (order) => {
    for (const limit of [1, 5, 6, 12, 13]) {
      const seen: number[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await audit.list({ tenantId: 't', order, limit, cursor });
        expect(page.length).toBeLessThanOrEqual(limit);
        expect(page.length).toBeGreaterThan(0);
        seen.push(...seqs(page));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(order === 'asc' ? upTo(12) : upTo(12).reverse());
    }
  });

  it('pages within a filter', async () => {
    const first = await audit.list({ tenantId: 't', actor: 'ann', limit: 3, order: 'asc' });
    const second = await audit.list({
      tenantId: 't',
      actor: 'ann',
      limit: 3,
      order: 'asc',
      cursor: first.nextCursor!,
    });
    expect([...first, ...second].map(({ id }) => id)).toEqual(['e0', 'e6', 'e12', 'e18']);
    expect(second.nextCursor).toBeNull();
  });

  it('gives nothing behind the end, or before the beginning', async () => {
    expect(await audit.list({ tenantId: 't', order: 'asc', cursor: formatCursor(12, 'asc') })).toHaveLength(
      0,
    );
    expect(await audit.list({ tenantId: 't', cursor: formatCursor(1, 'desc') })).toHaveLength(0);
    const far = formatCursor(Number.MAX_SAFE_INTEGER, 'asc');
    expect(await audit.list({ tenantId: 't', order: 'asc', cursor: far })).toHaveLength(0);
  });

  it.each<[object, string[]]>([
    [{ actor: 'ann' }, ['e0', 'e6', 'e12', 'e18']],
    [{ actor: 'an' }, []],
    [{ action: 'organ.play', actor: 'cy' }, ['e2', 'e14']],
    [{ action: 'org.*' }, ['e0', 'e4', 'e8', 'e12', 'e16', 'e20']],
    [{ action: 'org*', resource: 'r2' }, ['e2', 'e8', 'e14', 'e20']],
    [{ action: 'org.' }, []],
    [{ action: 'org.member.*', resource: 'r0' }, ['e0', 'e12']],
    [{ resource: 'r4' }, ['e4', 'e10', 'e16', 'e22']],
    [{ outcome: 'denied', actor: 'bob' }, ['e10', 'e22']],
    [{ outcome: 'failure' }, []],
    [{ actor: 'ann', action: 'org.member.invite', resource: 'r0', outcome: 'success' }, ['e0', 'e12']],
    [{ actor: '$ne' }, []],
  ])('filters by %p', async (filter, ids) => {
    const page = await audit.list({ tenantId: 't', order: 'asc', ...filter });
    expect(page.map(({ id }) => id)).toEqual(ids);
  });

  it('takes every action for one that begins with nothing', async () => {
    expect(await audit.list({ tenantId: 't', action: '*' })).toHaveLength(12);
  });
});

describe('getEntry', () => {
  it('gives an entry by its id, whole', async () => {
    const [entry] = await audit.list({ tenantId: 't', order: 'asc', limit: 1 });
    expect(await audit.get({ tenantId: 't', id: 'e0' })).toEqual(entry);
  });

  it('gives null where there is none, and never another tenant’s', async () => {
    expect(await audit.get({ tenantId: 't', id: 'e1' })).toBeNull();
    expect(await audit.get({ tenantId: 'other', id: 'e0' })).toBeNull();
    expect(await audit.get({ tenantId: 't', id: '' })).toBeNull();
    expect(await audit.get({ tenantId: '', id: 't:e0' })).toBeNull();
  });

  it.each([{ $ne: null }, ['e0'], 7, null, undefined, /e0/, '\ud800'])(
    'lets nothing but texts through: %p',
    async (value) => {
      await expect(audit.get({ tenantId: 't', id: value as never })).rejects.toMatchObject({
        code: 'INVALID_QUERY',
      });
      await expect(audit.get({ tenantId: value as never, id: 'e0' })).rejects.toMatchObject({
        code: 'INVALID_QUERY',
      });
      await expect(audit.verify({ tenantId: value as never })).rejects.toMatchObject({
        code: 'INVALID_QUERY',
      });
      await expect(audit.list({ tenantId: value as never })).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    },
  );

  it('keeps tenants apart whose names and ids look alike together', async () => {
    await audit.event({ tenantId: 'a:b', id: 'c', action: 'x' });
    expect(await audit.get({ tenantId: 'a', id: 'b:c' })).toBeNull();
    expect(await audit.get({ tenantId: 'a%3Ab', id: 'c' })).toBeNull();
    expect(await audit.get({ tenantId: 'a:b', id: 'c' })).not.toBeNull();
  });
});

describe('between times', () => {
  const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));
  const between = async (from?: Date | string, to?: Date | string): Promise<number[]> =>
    seqs(await audit.list({ tenantId: 'timed', order: 'asc', from, to }));

  // Times that the clock of the test would not give: the members that decide are in the store.
  beforeAll(async () => {
    const batch = audit.batch();
    for (let n = 1; n <= 6; n++) batch.event({ tenantId: 'timed', action: 'x', id: `t${n}` });
    await batch.commit();
    for (const [i, second] of [0, 10, 10, 10, 20, 43_200].entries()) {
      store.alter('timed', i + 1, { recordedAt: at(second) });
    }
  });

  it('takes what is at `from`, and not what is at `to`', async () => {
    expect(await between(at(10), at(20))).toEqual([2, 3, 4]);
    expect(await between(at(10))).toEqual([2, 3, 4, 5, 6]);
    expect(await between(undefined, at(10))).toEqual([1]);
    expect(await between(new Date(+at(10) + 1), new Date(+at(20) + 1))).toEqual([5]);
  });

  it('gives nothing between a time and itself, or backwards', async () => {
    expect(await between(at(10), at(10))).toEqual([]);
    expect(await between(at(20), at(10))).toEqual([]);
  });

  it('gives nothing beyond both ends', async () => {
    expect(await between(undefined, at(0))).toEqual([]);
    expect(await between(at(50_000))).toEqual([]);
    expect(await between(at(-1), at(50_000))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes a date alone for the whole UTC day', async () => {
    expect(await between('2026-01-01', '2026-01-01')).toEqual([1, 2, 3, 4, 5]);
    expect(await between('2026-01-02', '2026-01-02')).toEqual([6]);
    expect(await between('2026-01-03', '9999-12-31')).toEqual([]);
  });

  it.each(['asc', 'desc'] as const)('pages: %s', async (order) => {
    const query = { tenantId: 'timed', order, from: at(10), to: at(43_200), limit: 3 };
    const first = await audit.list(query);
    const second = await audit.list({ ...query, cursor: first.nextCursor! });
    expect([...seqs(first), ...seqs(second)].sort()).toEqual([2, 3, 4, 5]);
    expect(second.nextCursor).toBeNull();
  });

  it('says so where an entry that has no place stands in the way, and hides nothing', async () => {
    const placeless = { _id: 'timed:x', tenantId: 'timed', seq: 'x' };
    store.plant({ ...placeless, recordedAt: at(10) });
    await expect(between(at(5))).resolves.toEqual([2, 3, 4, 5, 6]);
    store.plant({ ...placeless, recordedAt: at(5) });
    await expect(between(at(5))).rejects.toMatchObject({ code: 'ENTRY_ALTERED' });
    store.remove('timed:x');
  });
});

describe('an entry that was altered so that it is none any more', () => {
  it('is an error that sends to verify, where it is read', async () => {
    const store = new AlterableStore();
    const { audit: mine } = memoryLedger({}, store);
    await mine.event({ tenantId: 't', action: 'x', id: 'good' });
    await mine.event({ tenantId: 't', action: 'x', id: 'bad' });
    store.alter('t', 2, { actor: 7 });
    await expect(mine.list({ tenantId: 't' })).rejects.toThrow(
      /Entry 2 of the tenant "t" was altered.*Run verify/,
    );
    await expect(mine.get({ tenantId: 't', id: 'bad' })).rejects.toMatchObject({ code: 'ENTRY_ALTERED' });
    expect(await mine.get({ tenantId: 't', id: 'good' })).not.toBeNull();
    expect(await mine.list({ tenantId: 't', limit: 1, order: 'asc' })).toHaveLength(1);
  });
});
