import type { StoredCheckpoint } from '../../lib/store/tree-store';
import type { Tile } from '../../lib/tree/tile';
import { decodeHex } from '../../lib/util/hex';
import { LEDGER, noteBy } from '../support/signing';
import { chain, type MadeStore } from './given';

/** Tenants whose names would run into one another if a mere prefix of a key told them apart. */
const TENANTS = ['t', 't:0', 't~', '~', 't%3A0', 'ü', 'a/b', 'T'];

/** What every store of trees and checkpoints does. */
export function describeTrees(given: MadeStore): void {
  const hash = (n: number) => new Uint8Array(32).fill(n);
  const bytesOf = (hashes: readonly Uint8Array[]) => hashes.map((each) => Buffer.from(each).toString('hex'));

  describe('leaves', () => {
    it('are the hashes of entries, up to the first that is missing', async () => {
      const entries = chain('t', 10);
      await given.store.append([...entries.slice(0, 6), ...entries.slice(7)]);
      const hashes = entries.map((entry) => decodeHex(entry.hash));
      expect(bytesOf(await given.store.leaves('t', 0, 4))).toEqual(bytesOf(hashes.slice(0, 4)));
      expect(bytesOf(await given.store.leaves('t', 2, 10))).toEqual(bytesOf(hashes.slice(2, 6)));
      expect(await given.store.leaves('t', 6, 10)).toEqual([]);
      expect(await given.store.leaves('u', 0, 10)).toEqual([]);
    });
  });

  describe('tiles', () => {
    const tile = (level: number, index: number, n = index): Tile => ({
      level,
      index,
      hashes: Array.from({ length: 256 }, () => hash(n)),
      root: hash(n + 1),
    });

    it('come back, each tenant its own, and roots of runs', async () => {
      for (const [n, tenantId] of TENANTS.entries())
        await given.store.putTiles(tenantId, [tile(0, 0, n), tile(1, 10, n)]);
      for (const [n, tenantId] of TENANTS.entries()) {
        const found = await given.store.tiles(tenantId, [tile(1, 10), tile(0, 1), tile(0, 0)]);
        expect(found.map(({ level, index }) => `${level}:${index}`).sort()).toEqual(['0:0', '1:10']);
        expect(bytesOf(found[0]!.hashes)).toEqual(bytesOf(tile(0, 0, n).hashes));
        const runs = [
          { level: 0, begin: 0, end: 9 },
          { level: 1, begin: 9, end: 11 },
          { level: 1, begin: 11, end: 12 },
        ];
        const roots = await given.store.tileRoots(tenantId, runs);
        expect(roots.map(({ level, index }) => `${level}:${index}`).sort()).toEqual(['0:0', '1:10']);
        expect(bytesOf(roots.map(({ root }) => root))).toEqual(bytesOf([hash(n + 1), hash(n + 1)]));
        expect(await given.store.tileRoots(tenantId, [{ level: 0, begin: 1, end: 9 }])).toEqual([]);
      }
    });

    it('take the place of what is there', async () => {
      await given.store.putTiles('t', [tile(0, 0, 9)]);
      await given.store.putTiles('t', [tile(0, 0, 3), tile(0, 1, 4)]);
      const found = await given.store.tiles('t', [tile(0, 0), tile(0, 1)]);
      expect(bytesOf(found.map(({ root }) => root))).toEqual(bytesOf([hash(4), hash(5)]));
    });
  });

  describe('checkpoints', () => {
    const noteOf = (size: number, tenantId = 't') => noteBy(null, tenantId, size, hash(1));
    const kept = (size: number): StoredCheckpoint => ({
      note: noteOf(size),
      keys: [],
      frontier: [hash(2)],
    });
    const stored = async (tenantId = 't', order: 'asc' | 'desc' = 'asc') => {
      const found: StoredCheckpoint[] = [];
      for await (const checkpoint of given.store.checkpoints(tenantId, order)) found.push(checkpoint);
      return found;
    };

    it('come back by size, in both orders', async () => {
      for (const size of [9, 10, 2, 2 ** 53 - 1, 100]) await given.store.addCheckpoint('t', size, kept(size));
      const notes = [2, 9, 10, 100, 2 ** 53 - 1].map((size) => noteOf(size));
      expect((await stored()).map(({ note }) => note)).toEqual(notes);
      expect((await stored('t', 'desc')).map(({ note }) => note)).toEqual(notes.reverse());
      expect(bytesOf((await stored())[0]!.frontier)).toEqual(bytesOf([hash(2)]));
    });

    it('are those of their tenant', async () => {
      for (const [n, tenantId] of TENANTS.entries())
        await given.store.addCheckpoint(tenantId, n + 1, { ...kept(n + 1), keys: [`${LEDGER}+0123abcd+x`] });
      for (const [n, tenantId] of TENANTS.entries())
        expect((await stored(tenantId)).map(({ note }) => note)).toEqual([noteOf(n + 1)]);
    });

    it('stay the first of a size and key, beside those by other keys', async () => {
      const keys = [`${LEDGER}+0123abcd+x`];
      await given.store.addCheckpoint('t', 3, kept(3));
      await given.store.addCheckpoint('t', 3, { ...kept(3), frontier: [] });
      await given.store.addCheckpoint('t', 3, { ...kept(3), keys });
      await given.store.addCheckpoint('t', 3, { ...kept(3), keys, frontier: [] });
      expect((await stored()).map(({ frontier }) => frontier.length)).toEqual([1, 1]);
      expect((await stored()).map(({ keys }) => keys.length).sort()).toEqual([0, 1]);
    });

    it('have an empty note where that states another size', async () => {
      await given.store.addCheckpoint('t', 3, kept(4));
      expect((await stored()).map(({ note }) => note)).toEqual(['']);
    });

    it('may be left early', async () => {
      for (const size of [1, 2, 3]) await given.store.addCheckpoint('t', size, kept(size));
      for await (const { note } of given.store.checkpoints('t', 'desc')) {
        expect(note).toBe(noteOf(3));
        break;
      }
    });
  });
}
