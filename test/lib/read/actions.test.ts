import { listActions } from '../../../lib/read/actions';
import type { Store } from '../../../lib/store/store';
import { memoryLedger } from '../../support/memory-ledger';

let store: Store;

beforeAll(async () => {
  const ledger = memoryLedger();
  ({ store } = ledger);
  const { audit } = ledger;
  const batch = audit.batch();
  for (let n = 0; n < 240; n++) {
    const action = n % 2 ? `many.${String(n % 120).padStart(3, '0')}` : 'org.member.invite';
    batch.event({ tenantId: 't', action });
  }
  batch.event({ tenantId: 'u', action: 'many.of.u' });
  await batch.commit();
});

describe('listActions', () => {
  it('gives the names of one tenant in ascending order', async () => {
    const names = await listActions({ tenantId: 't', limit: 100 }, store);
    expect(names).toHaveLength(61);
    expect(names).toEqual([...names].sort());
    expect(await listActions({ tenantId: 'u' }, store)).toEqual(['many.of.u']);
    expect(await listActions({ tenantId: 'nobody' }, store)).toEqual([]);
  });

  it('gives those with a prefix, the first 20 of them', async () => {
    expect(await listActions({ tenantId: 't', prefix: 'org' }, store)).toEqual(['org.member.invite']);
    expect(await listActions({ tenantId: 't', prefix: 'many.' }, store)).toHaveLength(20);
    expect(await listActions({ tenantId: 't', prefix: 'many.', limit: 2 }, store)).toEqual([
      ...['many.001', 'many.003'],
    ]);
    expect(await listActions({ tenantId: 't', prefix: 'm.*' }, store)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ limit: 0 }, '`limit` must be a whole number from 1 to 100, got 0'],
    [{ limit: 101 }, '`limit`'],
    [{ limit: '20' }, '`limit`'],
    [{ prefix: { $ne: null } }, '`prefix` must be a string'],
    [{ prefix: /org/ }, '`prefix`'],
    [{ prefix: ['org'] }, '`prefix`'],
    [{ prefix: null }, '`prefix`'],
    [{ prefix: '\ud800' }, '`prefix`'],
    [{ tenantId: { $ne: null } }, '`tenantId`'],
    [{ tenantId: undefined }, '`tenantId` is missing'],
    [{ order: 'asc' }, '`order` is not known, known are tenantId, prefix, limit'],
  ])('refuses %p', async (more, message) => {
    const refusal = listActions({ tenantId: 't', ...more }, store);
    await expect(refusal).rejects.toMatchObject({
      code: 'INVALID_QUERY',
      message: expect.stringContaining(message),
    });
  });
});
