import { Growth } from '../../../lib/streams/growth';
import { MemoryStore } from '../../../models/memory/memory-store';
import { chain } from '../../conformance/given';
import { eventually } from '../../support/eventually';

const PACE = { look: 20, lookBeside: 20, discover: 20 };

/** Counts what the database is asked. */
class CountedStore extends MemoryStore {
  looks = 0;
  places = 0;
  discoveries = 0;

  override async grown(places: Parameters<MemoryStore['grown']>[0]): ReturnType<MemoryStore['grown']> {
    this.looks++;
    this.places += places.length;
    return super.grown(places);
  }

  override async tenants(): Promise<string[]> {
    this.discoveries++;
    return super.tenants();
  }
}

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

function following(growth: Growth, tenants: string[] | null) {
  const told: [string, number][] = [];
  ends.push(growth.follow({ tenants, grown: (tenantId, seq) => told.push([tenantId, seq]) }));
  return told;
}

describe('growth', () => {
  it('is told at once of what this process records, and of whom somebody follows alone', () => {
    const growth = new Growth(new CountedStore(), PACE);
    growth.raise({ tenantId: 'a', seq: 3 });
    const told = following(growth, ['a']);
    growth.raise({ tenantId: 'a', seq: 3 });
    growth.raise({ tenantId: 'a', seq: 2 });
    growth.raise({ tenantId: 'b', seq: 1 });
    expect(told).toEqual([
      ['a', 0],
      ['a', 3],
    ]);
  });

  it('finds what others record, also of tenants that are new', async () => {
    const store = new CountedStore();
    await store.append(chain('a', 1));
    const growth = new Growth(store, PACE);
    const told = following(growth, null);
    await eventually(() => expect(told).toContainEqual(['a', 1]));
    await store.append(chain('b', 1));
    await store.append(chain('a', 2).slice(1));
    await eventually(() =>
      expect(told).toEqual(
        expect.arrayContaining([
          ['a', 2],
          ['b', 1],
        ]),
      ),
    );
  });

  it('asks nothing of tenants that nobody follows, and nothing when nobody follows', async () => {
    const store = new CountedStore();
    const growth = new Growth(store, PACE);
    following(growth, ['a']);
    await eventually(() => expect(store.looks).toBeGreaterThan(2));
    expect([store.discoveries, store.places]).toEqual([0, store.looks]);
    ends.splice(0).forEach((end) => end());
    const { looks } = store;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(store.looks - looks).toBeLessThanOrEqual(1);
  });

  it('looks at 10,000 tenants in rounds of bounded size', async () => {
    const store = new CountedStore();
    const growth = new Growth(store, { ...PACE, look: 10 });
    following(
      growth,
      Array.from({ length: 10_000 }, (_, n) => `t${n}`),
    );
    await eventually(() => expect(store.places).toBeGreaterThanOrEqual(10_000));
    expect(store.places / store.looks).toBe(500);
  });
});
