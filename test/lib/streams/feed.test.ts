import { Feed } from '../../../lib/streams/feed';
import { createFormat } from '../../../lib/streams/format/format';
import { Growth } from '../../../lib/streams/growth';
import { MemoryStore } from '../../../models/memory/memory-store';
import { chain } from '../../conformance/given';
import { Receiver, upTo } from '../../support/streams/receiver';

/** A feed of a store whose pages are counted. Nobody looks for what has grown. */
function feedOf(store: MemoryStore) {
  const pages = jest.spyOn(store, 'page');
  const growth = new Growth(store, { look: 1e9, lookBeside: 1e9, discover: 1e9 });
  const destination = new Receiver();
  const feed = new Feed({
    store,
    growth,
    tenants: ['acme'],
    bytes: Infinity,
    writing: () => ({ destination, format: createFormat('native'), filter: {} }),
    begin: () => Promise.resolve(0),
  });
  feed.reset([]);
  ends.push(growth.follow(feed));
  return { feed, growth, pages };
}

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

describe('a feed', () => {
  it('does not ask on for what was told of and undone, and finds what takes its place', async () => {
    const store = new MemoryStore();
    await store.append(chain('acme', 3));
    const { feed, growth, pages } = feedOf(store);
    growth.raise({ tenantId: 'acme', seq: 9 });
    expect((await feed.next())!.pieces.map(({ entry }) => entry.seq)).toEqual(upTo(3));
    expect(await feed.next()).toBeNull();
    const asked = pages.mock.calls.length;
    expect(await feed.next()).toBeNull();
    expect(pages.mock.calls.length).toBe(asked);
    await store.append(chain('acme', 4).slice(3));
    growth.raise({ tenantId: 'acme', seq: 4 });
    expect((await feed.next())!.pieces.map(({ entry }) => entry.seq)).toEqual([4]);
  });

  it('knows how far it is behind once it reads, though nobody has told', async () => {
    const store = new MemoryStore();
    await store.append(chain('acme', 95));
    const { feed, growth } = feedOf(store);
    growth.raise({ tenantId: 'acme', seq: 1 });
    const batch = await feed.next();
    expect([batch!.isFull, feed.lag()]).toEqual([true, 95]);
    feed.settled(batch!);
    expect(feed.lag()).toBe(75);
  });

  it('tells whether chains grow by more than is delivered of them', async () => {
    const store = new MemoryStore();
    await store.append(chain('acme', 95));
    const { feed, growth } = feedOf(store);
    growth.raise({ tenantId: 'acme', seq: 95 });
    const settle = async () => feed.settled((await feed.next())!);
    expect([await settle(), await settle()]).toEqual([false, false]);
    growth.raise({ tenantId: 'acme', seq: 120 });
    expect(await settle()).toBe(true);
    expect(await settle()).toBe(false);
  });

  it('says that it waits for nothing, once it is told to end', async () => {
    const { feed } = feedOf(new MemoryStore());
    await feed.next();
    await feed.waiting(AbortSignal.abort());
    const over = new AbortController();
    const waiting = feed.waiting(over.signal);
    over.abort();
    await waiting;
  });
});
