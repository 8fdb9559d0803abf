import type { StoredKey } from '../../lib/store/key-store';
import type { MadeStore } from './given';

/** What every store of API keys does. */
export function describeKeys(given: MadeStore): void {
  describe('API keys', () => {
    const keyOf = (id: string, more: Partial<StoredKey> = {}): StoredKey => ({
      id,
      name: 'n',
      scopes: ['write'],
      tenants: { prefix: '$a.b' },
      createdAt: '2026-11-22T00:00:00.000Z',
      expiresAt: null,
      revokedAt: null,
      secrets: [
        {
          digest: 'a'.repeat(64),
          prefix: 'p',
          createdAt: '2026-11-22T00:00:00.000Z',
          expiresAt: null,
          firstUsedAt: null,
          lastUsedAt: null,
        },
      ],
      revision: 1,
      ...more,
    });

    it('come back as they were, all or those asked for', async () => {
      const [a, b] = [keyOf('a'), keyOf('b', { tenants: ['t'], scopes: [] })];
      for (const key of [a, b]) await given.store.addKey(key);
      expect(await given.store.keys(['b', 'none'])).toEqual([b]);
      expect(await given.store.keys([])).toEqual([]);
      const all = await given.store.keys();
      expect(all.sort((one, other) => (one.id < other.id ? -1 : 1))).toEqual([a, b]);
    });

    it('are made once, and changed by one of those who saw the same revision', async () => {
      await given.store.addKey(keyOf('a'));
      await expect(given.store.addKey(keyOf('a'))).rejects.toBeInstanceOf(Error);
      const changed = keyOf('a', { revision: 2, revokedAt: '2026-11-23T00:00:00.000Z' });
      expect(await given.store.changeKey(changed)).toBe(true);
      expect(await given.store.changeKey(keyOf('a', { revision: 2 }))).toBe(false);
      expect(await given.store.changeKey(keyOf('none', { revision: 2 }))).toBe(false);
      expect(await given.store.keys()).toEqual([changed]);
    });
  });
}
