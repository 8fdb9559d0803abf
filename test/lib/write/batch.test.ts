import { memoryLedger } from '../../support/memory-ledger';

const quiet = { warn: () => undefined, error: () => undefined };

describe('a batch', () => {
  it('gives receipts in call order, for any mix of tenants', async () => {
    const { audit } = memoryLedger();
    const batch = audit.batch();
    for (let n = 0; n < 30; n++)
      batch.event({ tenantId: n % 3 === 0 ? 'a' : 'b', action: 'a.b', id: `event-${n}` });
    expect(batch.size).toBe(30);
    const { count, receipts } = await batch.commit();
    expect(count).toBe(30);
    expect(receipts.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, n) => `event-${n}`));
    expect(receipts.filter(({ tenantId }) => tenantId === 'a').map(({ seq }) => seq)).toEqual(
      Array.from({ length: 10 }, (_, i) => i + 1),
    );
  });

  it('stores nothing before it is committed', async () => {
    const { audit } = memoryLedger();
    audit.batch().event({ tenantId: 't', action: 'a.b' });
    await audit.flush();
    expect(await audit.list({ tenantId: 't' })).toHaveLength(0);
  });

  it('refuses a bad event at once, and is then as it was', async () => {
    const { audit } = memoryLedger();
    const batch = audit.batch().event({ tenantId: 't', action: 'a.b' });
    expect(() => batch.event({ tenantId: 't', action: '' })).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }),
    );
    await expect(batch.commit()).resolves.toMatchObject({ count: 1 });
  });

  it('larger than the queue waits for room, and leaves room to others', async () => {
    const { audit } = memoryLedger({ limits: { queueEvents: 20, batch: 4 } });
    const batch = audit.batch();
    for (let n = 0; n < 100; n++) batch.event({ tenantId: 't', action: 'a.b' });
    const committed = batch.commit();
    await expect(audit.event({ tenantId: 'other', action: 'a.b' })).resolves.toMatchObject({ seq: 1 });
    await expect(committed).resolves.toMatchObject({ count: 100 });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 100 });
  });

  it('waits while others fill the queue', async () => {
    const { audit } = memoryLedger({ limits: { queueEvents: 4 } });
    const others = [1, 2, 3, 4].map(() => audit.event({ tenantId: 'other', action: 'a.b' }));
    await expect(audit.batch().event({ tenantId: 't', action: 'a.b' }).commit()).resolves.toMatchObject({
      count: 1,
    });
    await expect(Promise.all(others)).resolves.toHaveLength(4);
  });

  it('committed twice, at once and again, is stored once', async () => {
    const { audit } = memoryLedger();
    const batch = audit.batch().event({ tenantId: 't', action: 'a.b' });
    const [first, second] = await Promise.all([batch.commit(), batch.commit()]);
    expect(second).toEqual(first);
    expect(await batch.commit()).toEqual(first);
    expect(await audit.list({ tenantId: 't' })).toHaveLength(1);
  });

  it('rejects with what one event failed with, and records only what is left when committed again', async () => {
    const { audit } = memoryLedger({ logger: quiet });
    await audit.event({ tenantId: 't', action: 'a.b', id: 'taken', metadata: { n: 1 } });
    const batch = audit.batch();
    batch.event({ tenantId: 't', action: 'a.b' }).event({ tenantId: 't', action: 'a.b', id: 'taken' });
    await expect(batch.commit()).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    await expect(batch.commit()).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    expect((await audit.list({ tenantId: 't' })).map(({ action }) => action)).toContain('ledger.id_conflict');
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact' });
  });
});
