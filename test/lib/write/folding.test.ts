import * as fc from 'fast-check';
import type { DraftedEvent } from '../../../lib/event/drafter';
import type { RepetitionKey } from '../../../lib/write/folding';
import { at, setUpFolding as setUp, stopFoldings } from '../../support/foldings';
import { CALLER, countOf, draftsOf, EXPORT, sumOf } from '../../support/refused';

const WINDOW = 60_000;
const KEYS = 1_000;

afterEach(stopFoldings);

describe('failures of one caller', () => {
  it.each([
    [1, 1, []],
    [9, 9, []],
    [10, 10, []],
    [11, 10, [1]],
    [12, 10, [2]],
    [500, 10, [490]],
  ])('%d in a window are %d events of their own, and counted %p', (times, own, counts) => {
    const it = setUp();
    it.fail(times);
    expect(it.own).toHaveLength(own);
    expect(it.folded).toEqual([]);
    it.folding.flush();
    expect(it.counts()).toEqual(counts);
  });

  it('are told with the first that was counted, and when the first and the last of those were', () => {
    const it = setUp();
    it.fail(10);
    for (const by of [100, 200, 300]) {
      it.put(by);
      it.fail(1);
    }
    it.folding.flush();
    expect(draftsOf(it.folded)).toEqual([
      expect.objectContaining({
        tenantId: 'acme',
        action: 'auth.unauthorized_access',
        outcome: 'denied',
        actor: 'eve',
        occurredAt: at(100),
        context: { ipAddress: '192.0.2.1', route: '/orders/:id' },
        metadata: { count: 3, from: at(100), to: at(600) },
      }),
    ]);
  });

  it('are told from the first to the last also when the clock is put back within a window', () => {
    const it = setUp();
    it.put(WINDOW / 2);
    it.fail(10);
    it.put(1_000);
    it.fail(1);
    it.put(-500);
    it.fail(1);
    it.folding.flush();
    expect(draftsOf(it.folded)[0]!.metadata).toEqual({
      count: 2,
      from: at(WINDOW / 2 + 1_000),
      to: at(WINDOW / 2 + 1_000),
    });
  });

  it.each([
    [WINDOW - 1, 10, 0],
    [WINDOW, 11, 1],
    [WINDOW + 1, 11, 1],
  ])('begin anew %d ms after the first: %d events of their own', (later, own, ended) => {
    const it = setUp();
    it.fail(15);
    it.put(later);
    it.fail(1);
    expect(it.own).toHaveLength(own);
    expect(it.folded).toHaveLength(ended);
    it.folding.flush();
    expect(it.sum()).toBe(16);
  });

  it('are recorded when their window has ended, though no other failure comes', async () => {
    const ended = new Promise<DraftedEvent>((resolve) => {
      const it = setUp(resolve);
      it.fail(12);
      it.put(WINDOW);
    });
    expect(countOf((await ended).draft)).toBe(2);
  });

  it('begin anew when the clock is put back behind their first', () => {
    const it = setUp();
    it.fail(15);
    it.put(-1);
    it.fail(15);
    it.folding.flush();
    expect(it.own).toHaveLength(20);
    expect(it.counts()).toEqual([5, 5]);
  });

  it('go on to be counted after a flush, and none is counted twice', () => {
    const it = setUp();
    it.fail(15);
    it.folding.flush();
    it.folding.flush();
    it.fail(3);
    it.folding.flush();
    expect(it.own).toHaveLength(10);
    expect(it.counts()).toEqual([5, 3]);
    expect(new Set(draftsOf(it.folded).map(({ id }) => id)).size).toBe(2);
  });
});

describe('failures that are refused as events of their own', () => {
  it('are counted instead, until there is room again', () => {
    const it = setUp();
    it.fail(3);
    it.fill(true);
    it.fail(4);
    it.fill(false);
    it.fail(9);
    expect(it.own).toHaveLength(10);
    it.folding.flush();
    expect(it.counts()).toEqual([6]);
  });

  it('are counted from a caller’s first on', () => {
    const it = setUp();
    it.fill(true);
    it.fail(1);
    it.fail(2, { network: '192.0.2.2' });
    it.folding.flush();
    expect(it.own).toEqual([]);
    expect(it.counts()).toEqual([1, 2]);
  });
});

describe('after the end', () => {
  it('what was counted is recorded', () => {
    const it = setUp();
    it.fail(13);
    it.folding.stop();
    expect(it.counts()).toEqual([3]);
  });

  it('nothing is counted any more, where nobody would learn of it', () => {
    const it = setUp();
    it.fail(13);
    it.folding.stop();
    it.fail(4);
    expect(it.own).toHaveLength(14);
    expect(it.counts()).toEqual([3]);
  });
});

describe('failures of different callers', () => {
  const others: Partial<RepetitionKey>[] = [
    { tenantId: 'globex' },
    { action: 'security.rate_limited' },
    { actor: 'mallory' },
    { network: '192.0.2.2' },
    { route: '/orders' },
  ];

  it.each(others)('are counted by themselves: %p', (other) => {
    const it = setUp();
    it.fail(12);
    it.fail(13, other);
    expect(it.own).toHaveLength(20);
    it.folding.flush();
    const [one, another] = it.folded.map(({ draft }) => draft);
    expect([countOf(one!), countOf(another!)]).toEqual([2, 3]);
    const { tenantId, action, actor, network, route } = { ...CALLER, ...other };
    expect(another).toMatchObject({ tenantId, action, actor, context: { ipAddress: network, route } });
  });

  it.each<[string, Partial<RepetitionKey>, Partial<RepetitionKey>]>([
    ['actor and route', { actor: 'a\0b', route: 'c' }, { actor: 'a', route: 'b\0c' }],
    ['quotes', { actor: 'a","b', route: 'c' }, { actor: 'a', route: 'b","c' }],
  ])('are not taken for one by separators in their names: %s', (_what, one, other) => {
    const it = setUp();
    it.fail(10, one);
    it.fail(10, other);
    expect(it.own).toHaveLength(20);
  });

  it('never count for a tenant whose key another tenant’s name imitates', () => {
    const it = setUp();
    const { network, action } = CALLER;
    it.fail(11, { tenantId: 'acme', actor: `x\0${network}\0${action}\0eve` });
    const imitation = `acme\0${network}\0${action}\0x`;
    expect(() => it.fail(1, { tenantId: imitation, actor: 'eve' })).toThrow(/tenantId/); // no such tenant can be
    it.folding.flush();
    expect(it.counts()).toEqual([1]);
  });
});

describe('a failure that cannot be recorded', () => {
  it('takes no key from others', () => {
    const it = setUp();
    for (let n = 0; n < KEYS; n++) expect(() => it.fail(1, { tenantId: `t\0${n}` })).toThrow(/tenantId/);
    it.fail(1);
    expect(it.own).toHaveLength(1);
  });
});

describe('failures that take from a share', () => {
  it('are 50 entries at once and two a second, and the others are counted by tenant and action', () => {
    const it = setUp();
    it.failFrom(500, 'caller', 'acme');
    expect(it.own).toHaveLength(50);
    it.put(3_000);
    it.failFrom(500, 'next', 'acme');
    expect(it.own).toHaveLength(50 + 6);
    it.folding.flush();
    expect(it.counts()).toEqual([1_000 - 56]);
    expect(draftsOf(it.folded)).toMatchObject([{ tenantId: 'acme', actor: 'various' }]);
  });

  it('leave others theirs', () => {
    const it = setUp();
    it.failFrom(500, 'caller', 'acme');
    it.fail(12, { tenantId: 'globex' }, 'globex');
    it.fail(12, { action: 'ledger.id_conflict' });
    expect(draftsOf(it.own).filter(({ tenantId }) => tenantId === 'globex')).toHaveLength(10);
    expect(draftsOf(it.own).filter(({ action }) => action === 'ledger.id_conflict')).toHaveLength(10);
  });

  it('are counted by themselves where the caller has an entry already', () => {
    const it = setUp();
    it.fail(1, {}, 'acme');
    it.failFrom(500, 'caller', 'acme');
    it.fail(7, {}, 'acme');
    it.folding.flush();
    expect(draftsOf(it.folded)).toMatchObject([
      { actor: 'eve', metadata: { count: 7 } },
      { actor: 'various', metadata: { count: 451 } },
    ]);
  });
});

describe('at the bound of keys', () => {
  it.each([
    [KEYS - 2, KEYS - 1, 0],
    [KEYS - 1, KEYS, 0],
    [KEYS, KEYS, 1],
    [KEYS + 1, KEYS, 2],
  ])('after %d callers and one more, %d are told apart and %d counted together', (callers, own, beyond) => {
    const it = setUp();
    it.failFrom(callers);
    it.fail(1);
    expect(it.own).toHaveLength(own);
    it.folding.flush();
    expect(it.counts()).toEqual(beyond === 0 ? [] : [beyond]);
  });

  it('callers who are known go on to be told apart', () => {
    const it = setUp();
    it.failFrom(KEYS);
    it.fail(11, { network: 'caller-7' });
    it.folding.flush();
    expect(it.own).toHaveLength(KEYS + 9);
    expect(draftsOf(it.folded)).toMatchObject([
      { context: { ipAddress: 'caller-7' }, metadata: { count: 2 } },
    ]);
  });

  it('the others are counted by tenant and action, with nothing of one of them', () => {
    const it = setUp();
    it.failFrom(KEYS);
    it.fail(2, { network: 'late-1' });
    it.fail(3, { network: 'late-2', actor: 'mallory', route: '/other' });
    it.fail(4, { action: 'security.rate_limited' });
    it.fail(5, { tenantId: 'globex' });
    it.folding.flush();
    const drafts = draftsOf(it.folded);
    expect(drafts.map(({ tenantId, action, metadata }) => [tenantId, action, countOf({ metadata })])).toEqual(
      [
        ['acme', 'auth.unauthorized_access', 5],
        ['acme', 'security.rate_limited', 4],
        ['globex', 'auth.unauthorized_access', 5],
      ],
    );
    for (const draft of drafts) {
      expect(draft).toMatchObject({ actor: 'various', actorType: 'anonymous', outcome: 'denied' });
      expect(draft).not.toHaveProperty('context');
    }
  });

  it('tenants are counted together, too, in the ledger’s own chain', () => {
    const it = setUp();
    it.failFrom(KEYS);
    for (let n = 0; n < 10 * KEYS; n++) it.fail(1, { tenantId: `tenant-${n}` });
    it.folding.flush();
    expect(it.own).toHaveLength(KEYS);
    const drafts = draftsOf(it.folded);
    expect(drafts).toHaveLength(KEYS + 1);
    const [ledgers] = drafts.filter(({ tenantId }) => tenantId === 'system');
    expect(ledgers).toMatchObject({ actor: 'various', metadata: { count: 9 * KEYS } });
    expect(it.sum()).toBe(11 * KEYS);
  });

  it('keys are free again after their window', () => {
    const it = setUp();
    it.failFrom(KEYS / 2, 'early');
    it.put(1);
    it.failFrom(KEYS / 2, 'late');
    it.put(WINDOW - 1); // the early ones' windows end
    it.failFrom(KEYS / 2, 'next');
    expect(it.own).toHaveLength(KEYS * 1.5);
    it.failFrom(1, 'beyond');
    expect(it.own).toHaveLength(KEYS * 1.5);
    it.put(1);
    it.failFrom(KEYS / 2, 'last');
    expect(it.own).toHaveLength(KEYS * 2);
    it.folding.flush();
    expect(it.counts()).toEqual([1]);
  });

  it('are not freed by a flush, which would let a caller be told apart over and over', () => {
    const it = setUp();
    it.failFrom(KEYS);
    it.folding.flush();
    it.failFrom(KEYS, 'other');
    expect(it.own).toHaveLength(KEYS);
    it.folding.flush();
    expect(it.counts()).toEqual([KEYS]);
  });

  it('what is counted together ends with its window, too', () => {
    const it = setUp();
    it.failFrom(KEYS);
    it.fail(3);
    it.put(WINDOW);
    it.failFrom(KEYS, 'next');
    it.fail(2);
    expect(it.counts()).toEqual([3]);
    it.folding.flush();
    expect(it.counts()).toEqual([3, 2]);
  });
});

describe('whatever comes', () => {
  const step = fc.record({
    caller: fc.nat(14),
    exports: fc.boolean(),
    share: fc.constantFrom(undefined, 'one', 'another'),
    times: fc.integer({ min: 1, max: 25 }),
    pass: fc.oneof(fc.nat(100), fc.integer({ min: -WINDOW - 1, max: WINDOW + 1 }), fc.constant(WINDOW)),
    flush: fc.boolean(),
    full: fc.boolean(),
  });

  it('events of their own and counts add up to failures and exports, each within its tenant', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, crowded) => {
        const it = setUp();
        const failures = { acme: 0, globex: 0 };
        if (crowded) it.failFrom(KEYS - 5, 'crowd');
        failures.acme += crowded ? KEYS - 5 : 0;
        for (const { caller, exports, share, times, pass, flush, full } of steps) {
          it.fill(full);
          const tenantId = caller % 2 === 0 ? 'acme' : 'globex';
          it.put(pass);
          it.fail(times, { ...(exports && EXPORT), tenantId, network: `n-${caller}` }, share);
          failures[tenantId] += times;
          if (flush) it.folding.flush();
        }
        it.folding.stop();
        const drafts = draftsOf([...it.own, ...it.folded]);
        for (const [tenant, count] of Object.entries(failures))
          expect(sumOf(drafts.filter(({ tenantId }) => tenantId === tenant))).toBe(count);
        expect(new Set(drafts.map(({ id }) => id)).size).toBe(drafts.length);
        for (const { metadata } of draftsOf(it.folded)) {
          const { from, to } = metadata as { from: string; to: string };
          expect(from <= to).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('the events of a window are at most ten and one for each key, and one beyond for a tenant’s action', () => {
    const it = setUp();
    for (let n = 0; n < 60_000; n++) it.fail(1, { network: `n-${n % (2 * KEYS)}` });
    it.folding.flush();
    expect(it.own).toHaveLength(10 * KEYS);
    expect(it.folded).toHaveLength(KEYS + 1);
    expect(it.sum()).toBe(60_000);
  });
});
