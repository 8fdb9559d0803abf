import type { OutboxItem } from '../../lib/store/store';
import { type MadeStore, upTo } from './given';

/** What every outbox does for a session without a transaction. */
export function describeOutbox(given: MadeStore): void {
  describe('the outbox', () => {
    const item = (key: string, at: number): OutboxItem => ({ key, at, text: `{"key":"${key}"}` });
    const add = async (added: OutboxItem) => {
      const committed = jest.fn();
      await given.store.addToOutbox([added], given.session, Promise.resolve(), committed);
      expect(committed).toHaveBeenCalledTimes(1);
    };

    it('gives items oldest first, by key where several are in one millisecond', async () => {
      for (const added of [item('c', 5), item('b', 5), item('a', 9), item('d', 1)]) await add(added);
      const all = [item('d', 1), item('b', 5), item('c', 5), item('a', 9)];
      expect(await given.store.readOutbox(10, 0)).toEqual(all);
      expect(await given.store.readOutbox(2, 1)).toEqual(all.slice(1, 3));
      expect(await given.store.readOutbox(2, 4)).toEqual([]);
      expect(await given.store.countOutbox()).toBe(4);
    });

    it('loses those that are removed, and cares for no others', async () => {
      for (const added of [item('a', 1), item('b', 2), item('c', 3)]) await add(added);
      await given.store.removeFromOutbox(['a', 'c', 'none']);
      await given.store.removeFromOutbox(['a']);
      await given.store.removeFromOutbox([]);
      expect(await given.store.readOutbox(10, 0)).toEqual([item('b', 2)]);
      expect(await given.store.countOutbox()).toBe(1);
    });

    it('takes an item in once what it waits for is there, and not when that fails', async () => {
      const failure = new Error('not ready');
      const adding = given.store.addToOutbox(
        [item('a', 1)],
        given.session,
        Promise.reject(failure),
        () => undefined,
      );
      await expect(adding).rejects.toBe(failure);
      expect(await given.store.countOutbox()).toBe(0);
    });

    it('refuses a key that it has', async () => {
      await add(item('a', 1));
      await expect(add(item('a', 2))).rejects.toBeInstanceOf(Error);
      expect(await given.store.readOutbox(10, 0)).toEqual([item('a', 1)]);
    });

    it('tells of no document that anything of it waits', async () => {
      await add(item('a', 1));
      expect(await given.store.waitingSubjects([])).toEqual([]);
      expect(await given.store.waitingSubjects(['a', 'b'])).toEqual([]);
    });

    it('holds no turns', async () => {
      await given.store.acquireLease('work', 'me', null);
      expect([await given.store.countOutbox(), await given.store.readOutbox(10, 0)]).toEqual([0, []]);
    });
  });
}

/** What whoever takes turns can rely on. */
export function describeLeases(given: MadeStore): void {
  describe('leases', () => {
    it('go to one of those who saw nobody, and from one to the next', async () => {
      expect(await given.store.leaseHolder('work')).toBeNull();
      const taken = await Promise.all(upTo(5).map((n) => given.store.acquireLease('work', `p${n}`, null)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const holder = `p${taken.indexOf(true) + 1}`;
      expect(await given.store.leaseHolder('work')).toBe(holder);
      expect(await given.store.acquireLease('work', 'late', 'somebody else')).toBe(false);
      expect(await given.store.acquireLease('work', 'next', holder)).toBe(true);
      expect(await given.store.acquireLease('work', 'late', holder)).toBe(false);
      expect(await given.store.leaseHolder('work')).toBe('next');
      expect(await given.store.leaseHolder('other work')).toBeNull();
    });

    it('are given back by who has them alone', async () => {
      await given.store.acquireLease('work', 'me', null);
      await given.store.releaseLease('work', 'you');
      expect(await given.store.leaseHolder('work')).toBe('me');
      await given.store.releaseLease('work', 'me');
      await given.store.releaseLease('work', 'me');
      expect(await given.store.leaseHolder('work')).toBeNull();
      expect(await given.store.acquireLease('work', 'you', 'me')).toBe(false);
      expect(await given.store.acquireLease('work', 'you', null)).toBe(true);
    });
  });
}
