import type { StreamRow } from '../../lib/store/stream-store';
import { chain, type MadeStore, NOW } from './given';

/** What streams can rely on, whatever the store. */
export function describeStreams(given: MadeStore): void {
  const row = (name: string): StreamRow => ({
    name,
    isPaused: false,
    replays: 0,
    description: '{}',
    progress: null,
    since: Date.parse(NOW),
  });

  describe('which chains have grown', () => {
    it('is told by one place of each', async () => {
      await given.store.append(chain('t', 3));
      await given.store.append(chain('u:/~', 1));
      expect((await given.store.tenants()).sort()).toEqual(['t', 'u:/~']);
      const places = [
        { tenantId: 't', seq: 0 },
        { tenantId: 't', seq: 2 },
        { tenantId: 't', seq: 3 },
        { tenantId: 'u:/~', seq: 0 },
        { tenantId: 'none', seq: 0 },
      ];
      const grown = await given.store.grown(places);
      expect(grown).toHaveLength(3);
      expect(grown).toEqual(
        expect.arrayContaining([
          { tenantId: 't', seq: 1 },
          { tenantId: 't', seq: 3 },
          { tenantId: 'u:/~', seq: 1 },
        ]),
      );
      expect(await given.store.grown([])).toEqual([]);
    });

    it('may be told by the server, which then tells each place', async () => {
      const told: unknown[] = [];
      const watch = await given.store.watchChains((place) => told.push(place));
      await given.store.append(chain('t', 1));
      if (watch) {
        while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await watch.close();
        await watch.ended;
      }
      expect(told).toEqual(watch ? [{ tenantId: 't', seq: 1 }] : []);
    });
  });

  describe('streams', () => {
    it('are known to all once one has added them, and change for all', async () => {
      const { store } = given;
      const before = await store.streamsVersion();
      expect([await store.addStream(row('a')), await store.addStream({ ...row('a'), since: 1 })]).toEqual([
        true,
        false,
      ]);
      expect(await store.streams()).toEqual([row('a')]);
      expect([await store.findStream('a'), await store.findStream('b')]).toEqual([row('a'), null]);
      const added = await store.streamsVersion();
      await store.changeStream('a', { isPaused: true, replays: 2 });
      await store.changeStream('none', { isPaused: true });
      await store.reportStream('a', '{"delivered":1}');
      expect(await store.streams()).toEqual([
        { ...row('a'), isPaused: true, replays: 2, progress: '{"delivered":1}' },
      ]);
      const changed = await store.streamsVersion();
      expect(new Set([before, added, changed]).size).toBe(3);
    });

    it('have cursors that move only from where they were seen', async () => {
      const { store } = given;
      const move = (tenantId: string, from: number | null | 'any', to: number) =>
        store.moveCursors('a', [{ tenantId, from, to }]);
      expect(await store.moveCursors('a', [])).toBe(true);
      expect(await move('t:1', null, 5)).toBe(true);
      expect(await move('t:1', null, 6)).toBe(false);
      expect(await move('t:1', 4, 6)).toBe(false);
      expect(await move('t:1', 5, 6)).toBe(true);
      expect(await move('u', 0, 1)).toBe(false);
      expect(await store.cursors('a')).toEqual([{ tenantId: 't:1', seq: 6 }]);
      expect(await move('t:1', 'any', 2)).toBe(true);
      expect(await move('u', 'any', 0)).toBe(true);
      const some = [
        { tenantId: 't:1', from: 9, to: 10 },
        { tenantId: 'u', from: 0, to: 3 },
      ];
      expect(await store.moveCursors('a', some)).toBe(false);
      expect(await store.cursors('a')).toEqual(
        expect.arrayContaining([
          { tenantId: 't:1', seq: 2 },
          { tenantId: 'u', seq: 3 },
        ]),
      );
      expect(await store.cursors('b')).toEqual([]);
    });

    it('keep what was set aside by tenant and number, each once, until it is taken away', async () => {
      const { store } = given;
      const aside = (tenantId: string, seq: number, reason = 'bad') => ({
        tenantId,
        seq,
        id: `e${seq}`,
        reason,
        at: 7,
      });
      await store.addSetAside('a', []);
      await store.addSetAside('a', [aside('u', 1), aside('t', 10), aside('t', 9)]);
      await store.addSetAside('a', [aside('t', 9, 'worse')]);
      const all = [aside('t', 9, 'worse'), aside('t', 10), aside('u', 1)];
      expect(await store.readSetAside('a', 10)).toEqual(all);
      expect(await store.readSetAside('a', 1)).toEqual(all.slice(0, 1));
      expect(await store.readSetAside('a', 10, { tenantId: 't', seq: 9 })).toEqual(all.slice(1));
      expect([await store.countSetAside('a'), await store.countSetAside('ab')]).toEqual([3, 0]);
      await store.removeSetAside('a', [aside('t', 10), aside('x', 1)]);
      expect(await store.readSetAside('a', 10)).toEqual([all[0], all[2]]);
    });

    it('are forgotten with all that is theirs, and nothing of others', async () => {
      const { store } = given;
      for (const name of ['a', 'a.b']) {
        await store.addStream(row(name));
        await store.moveCursors(name, [{ tenantId: 't', from: null, to: 1 }]);
        await store.addSetAside(name, [{ tenantId: 't', seq: 1, id: 'e1', reason: '', at: 0 }]);
      }
      await store.removeStream('a');
      expect(await store.streams()).toEqual([row('a.b')]);
      expect([await store.cursors('a'), await store.countSetAside('a')]).toEqual([[], 0]);
      expect([await store.cursors('a.b'), await store.countSetAside('a.b')]).toEqual([
        [{ tenantId: 't', seq: 1 }],
        1,
      ]);
    });
  });
}
