import type { Entry } from '../../../lib/chain/entry';
import { Api, PAGE } from '../../../viewer/page/data/api';
import { NO_FILTER } from '../../../viewer/page/data/filter';
import { READ_ACTION, TrailList } from '../../../viewer/page/data/trail-list';
import { chainOf } from './trail';

const chain = chainOf(2400);

/** A list of the first entries of the chain, as a server answers for them. */
function listOf(size: number) {
  const server = {
    size,
    requests: 0,
    isDown: false,
    removed: [] as number[],
    asked: (): void => undefined,
  };
  const present = new Set<number>();
  const answer = (url: URL): Response => {
    server.requests++;
    server.asked();
    if (server.isDown) return new Response('{"detail":"down"}', { status: 503 });
    const before = Number(url.searchParams.get('cursor') ?? server.size + 1);
    const kept = chain.filter(({ seq, actor }) => {
      const wanted = url.searchParams.get('actor') ?? actor;
      return seq < before && seq <= server.size && !server.removed.includes(seq) && actor === wanted;
    });
    const entries = kept.slice(-PAGE).reverse();
    const last = entries.at(-1)?.seq ?? 1;
    return Response.json({ entries, nextCursor: last > 1 ? String(last) : null });
  };
  const fetcher = (url: unknown) => Promise.resolve(answer(new URL(String(url))));
  const list = new TrailList(
    new Api('http://localhost/audit/', fetcher),
    {
      loaded: (entries: Entry[]) => entries.forEach(({ seq }) => present.add(seq)),
      dropped: (items) => items.forEach(({ seq }) => present.delete(seq ?? 0)),
    },
    (first, last) => `${first}-${last}`,
  );
  return { list, server, present };
}

const top = (list: TrailList) => list.at(0)?.seq;
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('TrailList', () => {
  it('loads pages as they are scrolled to, and keeps those near the viewport', async () => {
    const { list, present } = listOf(2400);
    await list.open(NO_FILTER);
    for (let page = 0; list.hasMore; page++) {
      list.need({ begin: list.count - 20, end: list.count });
      await settled();
      expect(present.size).toBeLessThanOrEqual(1400);
    }
    expect([list.count, list.at(2399)?.seq, list.at(500)]).toEqual([2400, 1, null]);
    list.need({ begin: 500, end: 520 });
    await settled();
    expect([list.at(500)?.seq, present.has(1900)]).toEqual([1900, true]);
    expect([...list.loaded()].map(({ item }) => item.seq ?? 0).sort()).toEqual([...present].sort());
  });

  it('puts live entries at the top, once each', async () => {
    const { list } = listOf(300);
    await list.open(NO_FILTER);
    list.live(chain[300]!, true);
    list.live(chain[300]!, true);
    expect([top(list), list.count, list.prepended]).toEqual([301, 101, 1]);
  });

  it('lets live entries wait while somebody reads further down', async () => {
    const { list } = listOf(300);
    await list.open(NO_FILTER);
    list.live(chain[300]!, false);
    list.live(chain[301]!, true);
    expect([top(list), list.pending.map(({ seq }) => seq)]).toEqual([300, [302, 301]]);
    list.showPending();
    expect([top(list), list.at(1)?.seq, list.pending]).toEqual([302, 301, []]);
  });

  it('asks for what it missed, when numbers are missing and after each connection', async () => {
    const { list, server } = listOf(300);
    await list.open(NO_FILTER);
    server.size = 305;
    list.live(chain[304]!, true);
    await settled();
    expect([top(list), list.at(4)?.seq]).toEqual([305, 301]);
    server.size = 307;
    await list.catchUp(true);
    expect(top(list)).toBe(307);
  });

  it('misses nothing that happens while the first page is on its way', async () => {
    const { list, server } = listOf(300);
    const opening = list.open(NO_FILTER);
    server.size = 302;
    list.live(chain[301]!, true);
    await opening;
    await settled();
    expect(top(list)).toBe(302);
  });

  it('loads anew when too much has happened', async () => {
    const { list, server } = listOf(300);
    await list.open(NO_FILTER);
    server.size = 900;
    await list.catchUp(false);
    expect([list.isStale, top(list)]).toEqual([true, 300]);
    list.showPending();
    await settled();
    expect([list.isStale, top(list)]).toEqual([false, 900]);
  });

  it('shows entries beside what was removed between them and the newest one', async () => {
    const { list, server } = listOf(300);
    await list.open(NO_FILTER);
    server.size = 303;
    server.removed = [301, 302];
    list.live(chain[302]!, true);
    await settled();
    expect([top(list), list.at(1)?.fault?.message, list.at(2)?.seq]).toEqual([303, '301-302', 300]);
  });

  it('lets what comes in wait for a page that is on its way, so that nothing between is lost', async () => {
    const { list, server } = listOf(300);
    const filter = { ...NO_FILTER, actor: 'ann' };
    await list.open(filter);
    server.size = 302;
    const catching = list.catchUp(true);
    list.live(chain[303]!, true);
    list.live(chain[301]!, true);
    expect(top(list)).toBe(300);
    await catching;
    expect([0, 1, 2, 3].map((index) => list.at(index)?.seq)).toEqual([304, 302, 301, 300]);
    server.isDown = true;
    await list.catchUp(true);
    server.isDown = false;
    server.size = 306;
    list.live(chain[305]!, true);
    await settled();
    expect([0, 1, 2].map((index) => list.at(index)?.seq)).toEqual([306, 305, 304]);
  });

  describe('where reading is recorded', () => {
    const read = (seq: number): Entry => ({ ...chain[seq - 1]!, action: READ_ACTION });

    it('does not read because somebody has read', async () => {
      const { list, server } = listOf(300);
      await list.open(NO_FILTER);
      server.asked = () => void setTimeout(() => list.live(read(++server.size), true));
      server.size = 305;
      list.live(read(305), true);
      await settled();
      expect([server.requests, top(list)]).toEqual([1, 300]);
      list.live(chain[305]!, true);
      await settled();
      await settled();
      expect([server.requests, top(list)]).toEqual([2, 306]);
    });

    it('does not ask again and again while it waits to be loaded anew', async () => {
      const { list, server } = listOf(300);
      await list.open(NO_FILTER);
      server.size = 900;
      await list.catchUp(false);
      list.live(chain[900]!, false);
      await settled();
      expect([list.isStale, server.requests]).toEqual([true, 2]);
    });
  });

  describe('under a checkpoint', () => {
    it('shows that the newest entries are missing, once', async () => {
      const { list, server } = listOf(20);
      server.removed = [18, 19, 20];
      await list.open(NO_FILTER);
      await Promise.all([list.anchored(20, true), list.anchored(20, true)]);
      expect([list.at(0)?.fault, list.at(1)?.seq, list.count, list.prepended]).toEqual([
        { seq: 20, first: 18, message: '18-20' },
        17,
        18,
        1,
      ]);
      await list.reload();
      await settled();
      expect([list.at(0)?.fault?.message, list.count, list.isNewest(17)]).toEqual(['18-20', 18, false]);
      server.removed = [19, 20];
      list.live(chain[17]!, true);
      await settled();
      expect([list.at(0)?.fault?.message, list.at(1)?.seq, list.count]).toEqual(['19-20', 18, 19]);
      server.size = 21;
      list.live(chain[20]!, true);
      await settled();
      expect([top(list), list.at(1)?.fault?.message, list.count]).toEqual([21, '19-20', 20]);
    });

    it('says nothing of what came in after the page was read', async () => {
      const { list, server } = listOf(17);
      await list.open(NO_FILTER);
      server.size = 20;
      await list.anchored(20, true);
      expect([top(list), list.at(0)?.fault, list.count]).toEqual([20, undefined, 20]);
    });

    it('says nothing where it could not look, or nobody can tell', async () => {
      const { list, server } = listOf(17);
      await list.open(NO_FILTER);
      server.isDown = true;
      await list.anchored(20, true);
      expect(list.count).toBe(17);
      server.isDown = false;
      for (const change of [{ actor: 'ann' }, { to: '2027-01-01' }]) {
        await list.open({ ...NO_FILTER, ...change });
        await settled();
        expect([list.count, list.isNewest(17)]).toEqual([17, false]);
      }
    });

    it('shows that all is missing, unless the list begins somewhere', async () => {
      const { list } = listOf(0);
      await list.open({ ...NO_FILTER, period: '24h' });
      await list.anchored(20, true);
      expect(list.count).toBe(0);
      await list.open(NO_FILTER);
      await settled();
      expect([list.count, list.at(0)?.fault?.message]).toEqual([1, '1-20']);
    });
  });

  it('knows the newest entry of the trail', async () => {
    const { list } = listOf(300);
    await list.open(NO_FILTER);
    expect([list.isNewest(300), list.isNewest(299)]).toEqual([true, false]);
    list.live(chain[300]!, false);
    expect([list.isNewest(300), list.isNewest(301)]).toEqual([false, true]);
  });

  it('says what failed, and goes on when asked to', async () => {
    const { list, server } = listOf(300);
    server.isDown = true;
    await list.open(NO_FILTER);
    expect([list.state, list.failure?.status, list.failure?.message]).toEqual(['failed', 503, 'down']);
    server.isDown = false;
    await list.open(NO_FILTER);
    server.isDown = true;
    await list.more();
    expect([list.state, list.count, list.failure?.status]).toEqual(['ready', 100, 503]);
    server.isDown = false;
    await list.more();
    expect([list.count, list.failure]).toEqual([200, null]);
  });
});
