import { Audit } from '../../../lib/audit';
import { parseOptions } from '../../../lib/options';
import type { AuditError, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';

const quiet = { warn: () => undefined, error: () => undefined };

describe('a receipt', () => {
  it('says where the entry stands in its chain', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, defaultTenant: 'acme' });
    const receipt = await audit.event({ action: 'a.b' });
    const entry = await audit.get({ tenantId: 'acme', id: receipt.id });
    expect(receipt).toEqual({
      id: entry?.id,
      tenantId: 'acme',
      seq: 1,
      hash: entry?.hash,
      recordedAt: entry?.recordedAt,
    });
  });

  it('comes in call order, with consecutive numbers, for events recorded side by side', async () => {
    const audit = createAudit({ connection: await connect(), limits: { batch: 7 } });
    const events = Array.from({ length: 50 }, (_, n) =>
      audit.event({ tenantId: 't', action: 'a.b', metadata: { n } }),
    );
    const receipts = await Promise.all(events);
    expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(audit.stats()).toEqual({
      queued: 0,
      inFlight: 0,
      spooled: 0,
      recorded: 50,
      retries: 0,
      failed: 0,
      oldestWaitingMs: 0,
      outbox: { size: 0, lagMs: 0 },
    });
  });

  it('is emitted as `recorded`', async () => {
    const audit = createAudit({ connection: await connect() });
    const emitted: Receipt[] = [];
    audit.on('recorded', (receipt) => emitted.push(receipt));
    const receipt = await audit.event({ tenantId: 't', action: 'a.b' });
    expect(emitted).toEqual([{ ...receipt, action: 'a.b' }]);
  });
});

describe('an event that nobody awaits', () => {
  it('is logged when it cannot be recorded, and rejects nothing unhandled', async () => {
    const logged: string[] = [];
    const logger = { ...quiet, error: (message: string) => logged.push(message) };
    const audit = createAudit({ connection: await connect(), logger });
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    void audit.event({ tenantId: 't', action: '' });
    await audit.flush();
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(logged).toEqual([expect.stringContaining('`action` must be a string of 1 to 256 characters')]);
  });

  it('reaches an `error` listener instead of the log', async () => {
    const logger = { ...quiet, error: jest.fn() };
    const audit = createAudit({ connection: await connect(), logger });
    const errors: unknown[] = [];
    audit.on('error', (error) => errors.push(error));
    void audit.event({ action: 'a.b' });
    await new Promise(setImmediate);
    expect(errors).toEqual([expect.objectContaining({ code: 'TENANT_REQUIRED' })]);
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('is flushed before the ledger closes', async () => {
    const audit = createAudit({ connection: await connect() });
    void audit.event({ tenantId: 't', action: 'a.b' });
    await audit.close();
    expect(audit.stats()).toMatchObject({ queued: 0, recorded: 1 });
  });
});

describe('when the ledger is closed', () => {
  it('accepts nothing more, and says so with status 503', async () => {
    const audit = createAudit({ connection: await connect(), logger: quiet });
    const batch = audit.batch().event({ tenantId: 't', action: 'a.b' });
    await audit.close();
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).rejects.toMatchObject({
      code: 'CLOSED',
      status: 503,
    });
    await expect(batch.commit()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('when the queue is full', () => {
  it('rejects with QUEUE_FULL and status 503, and takes events again once there is room', async () => {
    const audit = createAudit({ connection: await connect(), limits: { queueEvents: 3 }, logger: quiet });
    const event = () => audit.event({ tenantId: 't', action: 'a.b' });
    const accepted = [event(), event(), event()];
    const refused = (await event().catch((error: unknown) => error)) as AuditError;
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', status: 503 });
    expect(refused.message).toContain('limits.queueEvents 3');
    await Promise.all(accepted);
    await expect(event()).resolves.toMatchObject({ seq: 4 });
  });

  it('counts bytes, but always takes one event', async () => {
    const audit = createAudit({ connection: await connect(), limits: { queueBytes: 1_000 }, logger: quiet });
    const event = () => audit.event({ tenantId: 't', action: 'a.b', metadata: { text: 'x'.repeat(5_000) } });
    const first = event();
    await expect(event()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await expect(first).resolves.toMatchObject({ seq: 1 });
  });
});

describe('an id', () => {
  const event = { tenantId: 't', action: 'a.b', id: 'order-1', metadata: { n: 1 } };

  it('given again with the same content returns the first receipt', async () => {
    const connection = await connect();
    const first = await createAudit({ connection }).event(event);
    const again = createAudit({ connection });
    await expect(again.event(event)).resolves.toEqual(first);
    await expect(again.event({ ...event, context: { method: 'GET' } })).resolves.toEqual(first);
    expect(await again.list({ tenantId: 't' })).toHaveLength(1);
  });

  it('given again at the same time is stored once', async () => {
    const audit = createAudit({ connection: await connect() });
    const receipts = await Promise.all([1, 2, 3].map(() => audit.event(event)));
    const after = await audit.event({ tenantId: 't', action: 'a.b' });
    expect(receipts).toEqual([receipts[0], receipts[0], receipts[0]]);
    expect(after.seq).toBe(2);
  });

  it('given again with other content is ID_CONFLICT, and holds nothing else up', async () => {
    const audit = createAudit({ connection: await connect(), logger: quiet });
    await audit.event(event);
    const conflict = audit.event({ ...event, metadata: { n: 2 } });
    const neighbour = audit.event({ tenantId: 't', action: 'a.b' });
    await expect(conflict).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    await expect(neighbour).resolves.toMatchObject({ seq: 2 });
    expect(audit.stats().failed).toBe(1);
  });

  it('counts `occurredAt` as content only where the call gives it', async () => {
    const audit = createAudit({ connection: await connect(), logger: quiet });
    const first = await audit.event({ ...event, occurredAt: '2026-01-01T00:00:00Z' });
    await expect(audit.event(event)).resolves.toEqual(first);
    await expect(audit.event({ ...event, occurredAt: new Date(0) })).rejects.toMatchObject({
      code: 'ID_CONFLICT',
    });
  });

  it('belongs to its tenant alone', async () => {
    const audit = createAudit({ connection: await connect() });
    await audit.event(event);
    await expect(audit.event({ ...event, tenantId: 'u', metadata: 2 as never })).resolves.toMatchObject({
      seq: 1,
    });
  });

  it('whose entry was altered in the database is ENTRY_ALTERED', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, logger: quiet });
    await audit.event(event);
    await audit.event({ tenantId: 't', action: 'a.b' });
    await connection
      .db!.collection('audit_entries')
      .updateOne({ tenantId: 't', seq: 1 }, { $set: { actor: 5 } });
    await expect(audit.event(event)).rejects.toMatchObject({ code: 'ENTRY_ALTERED' });
  });
});

describe('a tenant', () => {
  it('has a chain of its own', async () => {
    const audit = createAudit({ connection: await connect() });
    const tenants = Array.from({ length: 20 }, (_, i) => `tenant-${i}`);
    const receipts = await Promise.all(tenants.map((tenantId) => audit.event({ tenantId, action: 'a.b' })));
    expect(receipts.map(({ seq }) => seq)).toEqual(tenants.map(() => 1));
    for (const tenantId of tenants)
      expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact', size: 1 });
  });
});

describe('when a listener throws', () => {
  it('goes on recording, and logs what was thrown', async () => {
    const logger = { ...quiet, error: jest.fn() };
    const audit = createAudit({ connection: await connect(), logger });
    const listener = () => {
      throw new Error('listener');
    };
    audit.on('recorded', listener);
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).resolves.toMatchObject({ seq: 1 });
    audit.off('recorded', listener);
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).resolves.toMatchObject({ seq: 2 });
    expect(logger.error).toHaveBeenCalledTimes(1);
  });
});

describe("when the predecessor's clock is an hour ahead", () => {
  it('sounds an alarm and keeps time from going back', async () => {
    const store = new MongoStore(await connect());
    const ahead = { now: () => Date.now() + 3_600_000, random: Math.random };
    const options = parseOptions({ logger: quiet });
    const first = await new Audit(store, options, ahead).event({ tenantId: 't', action: 'a.b' });
    const audit = new Audit(store, options, { now: Date.now, random: Math.random });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    const second = await audit.event({ tenantId: 't', action: 'a.b' });
    expect(second.recordedAt).toBe(first.recordedAt);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/3600 s in the future/)]);
  });
});
