import { at, setUpFolding as setUp, stopFoldings } from '../../support/foldings';
import { CALLER, countOf, draftsOf, EXPORT, repeatablesBy, START } from '../../support/refused';

const KEYS = 1_000;

const keysOf = (value: unknown): unknown[] => (value instanceof Map ? [...value.keys()] : []);

afterEach(stopFoldings);

describe('exports', () => {
  it('of one thing by one actor are told with who, what and where, and those beyond ten counted', () => {
    const it = setUp();
    it.fail(1_000, EXPORT);
    it.folding.flush();
    expect(it.own).toHaveLength(10);
    expect(it.own[0]!.draft).toMatchObject({ resource: '/orders.csv', metadata: { method: 'GET' } });
    expect(draftsOf(it.folded)).toEqual([
      expect.objectContaining({
        action: 'data.export',
        actor: 'eve',
        outcome: 'success',
        resource: '/orders.csv',
        metadata: { count: 990, from: at(0), to: at(0) },
      }),
    ]);
  });

  it('of different things, though by one route, are counted by themselves', () => {
    const it = setUp();
    for (const [times, resource] of [
      [12, '/a.csv'],
      [13, '/b.csv'],
      [1, '/c.csv'],
    ] as const)
      it.fail(times, { ...EXPORT, resource });
    it.folding.flush();
    expect(it.own).toHaveLength(21);
    expect(draftsOf(it.folded).map((draft) => [draft.resource, countOf(draft)])).toEqual([
      ['/a.csv', 2],
      ['/b.csv', 3],
    ]);
  });

  it('are counted when they are refused as events of their own, from the first on', () => {
    const it = setUp();
    it.fill(true);
    it.fail(3, EXPORT);
    it.folding.flush();
    expect(it.own).toEqual([]);
    expect(it.counts()).toEqual([3]);
  });

  it('are told apart while refused requests are not, and the other way round', () => {
    const flooded = setUp();
    flooded.failFrom(KEYS + 5);
    flooded.fail(1, EXPORT);
    expect(flooded.own.at(-1)!.draft).toMatchObject({ action: 'data.export', actor: 'eve' });

    const scraped = setUp();
    for (let n = 0; n < KEYS + 5; n++) scraped.fail(1, { ...EXPORT, resource: `/${n}.csv` });
    scraped.fail(1);
    expect(scraped.own).toHaveLength(KEYS + 1);
    expect(scraped.own.at(-1)!.draft).toMatchObject({ outcome: 'denied', actor: 'eve' });
    scraped.folding.flush();
    expect(draftsOf(scraped.folded)).toMatchObject([
      { action: 'data.export', actor: 'various', outcome: 'success', metadata: { count: 5 } },
    ]);
  });
});

describe('keys of whatever length', () => {
  it('are told apart, and take no more memory than others', () => {
    const it = setUp();
    const long = 'x'.repeat(1_000_000);
    const keys = ['a', 'b'].flatMap((end) => [
      { actor: long + end },
      { route: long + end },
      { ...EXPORT, resource: long + end },
    ]);
    // The event is that of a short key: what the drafter makes of long texts is its own matter.
    for (const key of keys)
      it.folding.add({ ...repeatablesBy(() => START)(), key: { ...CALLER, ...key } }, it.offer);
    expect(it.own).toHaveLength(keys.length);
    const kept = Object.values(it.folding).flatMap(keysOf);
    for (const key of kept) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(kept).size).toBe(keys.length);
  });
});
