import type { Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { liveMemory } from '../../support/live-memory';
import { sized } from '../../support/sized';

const quiet = { warn: () => undefined, error: () => undefined };
const TENANTS = sized(200, 10_000);
const EVENTS = 3;

/** What the end of a chain may take, in bytes: a number, a hash and a date, and what counts how often code is run. */
const REMEMBERED = 6_000;

/** What the process may take besides, whatever it does, in bytes. */
const BESIDES = 5_000_000;

describe(`when one process writes ${TENANTS} tenants`, () => {
  it('records three events of each in order, with intact chains, in little memory', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, limits: { queueEvents: TENANTS * EVENTS } });
    // What the first ones take for good is not what each takes.
    for (let i = 0; i < 200; i++) void audit.event({ tenantId: `first-${i}`, action: 'a.b' });
    await audit.flush();
    const before = liveMemory();
    const seqs = new Map<string, string>();
    audit.on('recorded', ({ tenantId, seq }: Receipt) => {
      seqs.set(tenantId, `${seqs.get(tenantId) ?? ''}${seq}`);
    });
    for (let n = 0; n < EVENTS; n++)
      for (let i = 0; i < TENANTS; i++) void audit.event({ tenantId: `t-${i}`, action: 'a.b', id: `${n}` });
    await audit.flush();

    expect(seqs.size).toBe(TENANTS);
    expect([...seqs.values()].filter((numbers) => numbers !== '123')).toEqual([]);
    seqs.clear();
    expect(liveMemory() - before).toBeLessThan(TENANTS * REMEMBERED + BESIDES);
    for (let i = 0; i < TENANTS; i += TENANTS / 10) {
      const tenantId = `t-${i}`;
      expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact', size: EVENTS });
      const page = await audit.list({ tenantId, order: 'asc' });
      expect(page.map(({ id }) => id)).toEqual(['0', '1', '2']);
    }
    expect(await connection.db!.collection('audit_entries').countDocuments({ tenantId: /^t-/ })).toBe(
      TENANTS * EVENTS,
    );
    await audit.close();
  });
});

describe('when a loud tenant has filled the queue', () => {
  const queueEvents = 2_000;

  it("takes a quiet tenant's event, and records it before the loud one's backlog is through", async () => {
    const audit = createAudit({
      connection: await connect(),
      limits: { queueEvents, batch: 50 },
      logger: quiet,
    });
    await audit.event({ tenantId: 'quiet', action: 'a.b' });
    let refused = 0;
    audit.on('error', () => refused++);
    for (let n = 0; n < queueEvents + 100; n++) void audit.event({ tenantId: 'loud', action: 'a.b' });
    await expect(audit.event({ tenantId: 'quiet', action: 'a.b' })).resolves.toMatchObject({ seq: 2 });
    expect(refused).toBe(100);
    expect(audit.stats().queued).toBeGreaterThan(queueEvents / 2);
    await audit.flush();
    expect(await audit.verify({ tenantId: 'loud' })).toMatchObject({ verdict: 'intact', size: queueEvents });
    await audit.close();
  });

  it('keeps the reserve for those with fewer than ten events waiting', async () => {
    const audit = createAudit({ connection: await connect(), limits: { queueEvents }, logger: quiet });
    for (let n = 0; n < queueEvents; n++) void audit.event({ tenantId: 'loud', action: 'a.b' });
    const others = Array.from({ length: 12 }, () => audit.event({ tenantId: 'quiet', action: 'a.b' }));
    const outcomes = (await Promise.allSettled(others)).map(({ status }) => status);
    expect(outcomes).toEqual(Array.from({ length: 12 }, (_, i) => (i < 10 ? 'fulfilled' : 'rejected')));
    await audit.close();
  });
});
