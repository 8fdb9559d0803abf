import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express, { type Express } from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, isAuditError, verifyEvidence } from 'express-audit-ledger';
import { createTestAudit } from 'express-audit-ledger/testing';
import { ledgerOf } from '../lib/audit';
import { REDACTED } from '../lib/event/secrets';
import { CALLER, countOf, EXPORT, sumOf } from './support/refused';
import { newKey } from './support/signing';
import { temporaryFolder } from './support/temporary';

const TENANT = 'acme';
const SIGNED = { ledger: 'audit.example.com', signingKey: newKey() };
const actionsOf = (audit: { entries: { action: string }[] }) => audit.entries.map(({ action }) => action);

describe('what was recorded', () => {
  it('is there once its event is awaited, checked and converted as on a database', async () => {
    const audit = createTestAudit({ defaultTenant: TENANT });
    const resource = { toHexString: () => '64b7f0a2c3d4e5f60718293a' };
    const metadata = { password: 'hunter2', at: new Date(0), big: 7n };
    const receipt = await audit.event({ action: 'org.member.invite', actor: 7, resource, metadata });
    const [entry] = audit.entries;
    expect(entry).toMatchObject({
      ...receipt,
      seq: 1,
      actor: '7',
      resource: '64b7f0a2c3d4e5f60718293a',
      metadata: { password: REDACTED, at: '1970-01-01T00:00:00.000Z', big: '7' },
    });
    expect([...(await audit.list({ tenantId: TENANT }))]).toEqual(audit.entries);
    expect(await audit.verify({ tenantId: TENANT })).toMatchObject({ verdict: 'intact', size: 1 });
  });

  it('is there once flush has resolved, when nobody awaits its event', async () => {
    const audit = createTestAudit();
    for (const tenantId of ['a', 'b', 'a']) void audit.event({ tenantId, action: 'x' });
    expect(audit.entries).toEqual([]);
    await audit.flush();
    expect(audit.entries.map(({ tenantId, seq }) => [tenantId, seq])).toEqual(
      expect.arrayContaining([
        ['a', 1],
        ['a', 2],
        ['b', 1],
      ]),
    );
  });

  it('is of all tenants, in the order in which it was recorded, and of batches', async () => {
    const audit = createTestAudit();
    await audit.event({ tenantId: 'b', action: '1' });
    await audit.batch().event({ tenantId: 'a', action: '2' }).event({ tenantId: 'a', action: '3' }).commit();
    await audit.event({ tenantId: 'b', action: '4' });
    expect(actionsOf(audit)).toEqual(['1', '2', '3', '4']);
  });

  it('cannot be changed by who looks at it', async () => {
    const audit = createTestAudit();
    await audit.event({ tenantId: TENANT, action: 'x', metadata: { a: [1] } });
    (audit.entries[0]!.metadata as { a: number[] }).a.push(2);
    audit.entries.pop();
    expect(audit.entries).toMatchObject([{ metadata: { a: [1] } }]);
  });

  it('has nothing that the ledger says of its own work, which is in the chain system', async () => {
    const audit = createTestAudit({ ...SIGNED, defaultTenant: TENANT });
    await audit.event({ action: 'x' });
    await audit.checkpoint(TENANT);
    await audit.close();
    expect(actionsOf(audit)).toEqual(['x']);
    const own = await audit.list({ tenantId: 'system' });
    expect(own.map(({ action }) => action)).toEqual(['ledger.checkpoint']);
  });

  it('is there right after an event in a session, too, whose receipt is that of a transaction', async () => {
    const audit = createTestAudit();
    const session = { inTransaction: () => true };
    const receipt = await audit.event({ tenantId: TENANT, action: 'x' }, { session });
    expect(receipt).toMatchObject({ tenantId: TENANT, seq: null, hash: null, recordedAt: null });
    expect(audit.entries).toMatchObject([{ id: receipt.id, seq: 1 }]);
    await expect(
      audit.event({ tenantId: TENANT, action: 'x' }, { session: {} } as never),
    ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('exports evidence that verifies', async () => {
    const audit = createTestAudit({ ...SIGNED, defaultTenant: TENANT });
    await audit.event({ action: 'x' });
    const evidence = await audit.exportEvidence({ tenantId: TENANT, exportedBy: 'ada' });
    expect(await verifyEvidence(evidence)).toMatchObject({ verdict: 'intact' });
    expect(actionsOf(audit)).toEqual(['x', 'audit.export']);
    expect(await text(await audit.exportEvidence({ tenantId: TENANT, format: 'csv' }))).toContain(
      'audit.export',
    );
  });
});

describe('mistakes', () => {
  it('are refused as by createAudit, and nothing is logged', async () => {
    const logged = (['warn', 'error'] as const).map((name) => jest.spyOn(console, name));
    const audit = createTestAudit({ actions: ['org.read'] });
    await expect(audit.event({ action: 'org.read' })).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
    // @ts-expect-error: not one of the actions
    void audit.event({ tenantId: TENANT, action: 'org.raed' });
    await audit.flush();
    expect(audit.entries).toEqual([]);
    for (const log of logged) expect(log).not.toHaveBeenCalled();
  });

  it('are told to a logger that is given, or a listener', async () => {
    const logger = { warn: jest.fn(), error: jest.fn() };
    void createTestAudit({ logger }).event({ action: 'x' });
    const audit = createTestAudit();
    const failed = new Promise((resolve) => audit.on('error', resolve));
    void audit.event({ action: 'x' });
    expect(await failed).toMatchObject({ code: 'TENANT_REQUIRED' });
    expect(logger.error).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a connection', { connection: {} }, /createTestAudit takes no `connection`/],
    ['an unknown name', { defaultTennant: 'acme' }, /createTestAudit .*`defaultTennant`/s],
    ['a spool without a directory', { spool: {} }, /`spool.directory`/],
    ['a text', 'acme', /createTestAudit takes an object/],
  ])('in the options are refused: %s', (_what, options, message) => {
    let thrown: unknown;
    try {
      createTestAudit(options as object);
    } catch (error) {
      thrown = error;
    }
    expect(isAuditError(thrown) && [thrown.code, thrown.message]).toEqual([
      'INVALID_OPTIONS',
      expect.stringMatching(message),
    ]);
  });
});

describe('options of production', () => {
  it('write nothing to disk, and keep no timers', async () => {
    const directory = temporaryFolder();
    const file = join(directory, 'checkpoints.jsonl');
    const started = jest.spyOn(globalThis, 'setInterval');
    const notes: string[] = [];
    const audit = createTestAudit({
      ...SIGNED,
      spool: { directory: join(directory, 'spool') },
      checkpoints: { file, everyEntries: 1, everySeconds: 1, onCheckpoint: (note) => notes.push(note) },
    });
    await audit.event({ tenantId: TENANT, action: 'x' });
    await audit.checkpoint(TENANT);
    expect([existsSync(file), existsSync(join(directory, 'spool')), started.mock.calls]).toEqual([
      false,
      false,
      [],
    ]);
    expect(notes).toHaveLength(1);
    started.mockRestore();
  });
});

describe('clear', () => {
  it('removes the entries, and begins each chain anew', async () => {
    const audit = createTestAudit(SIGNED);
    for (let n = 0; n < 3; n++) await audit.event({ tenantId: TENANT, action: 'x', id: `${n}` });
    await audit.checkpoint(TENANT);
    await audit.clear();
    expect(audit.entries).toEqual([]);
    expect([
      ...(await audit.list({ tenantId: TENANT })),
      ...(await audit.list({ tenantId: 'system' })),
    ]).toEqual([]);
    // The same id with other content: a conflict, if it were still known.
    expect(await audit.event({ tenantId: TENANT, action: 'y', id: '0' })).toMatchObject({ seq: 1 });
    await audit.checkpoint(TENANT);
    expect(await audit.verify({ tenantId: TENANT })).toMatchObject({
      verdict: 'intact',
      size: 1,
      anchoredSize: 1,
    });
  });

  it('waits for what is queued, so that the next test has none of it', async () => {
    const audit = createTestAudit();
    const session = { inTransaction: () => true };
    const late: Promise<unknown>[] = [];
    for (let n = 0; n < 50; n++) {
      late.push(audit.event({ tenantId: `t${n % 3}`, action: 'before' }));
      late.push(audit.event({ tenantId: TENANT, action: 'before' }, { session }));
    }
    // One that the first receipt brings about, while it is being cleared.
    late.push(late[0]!.then(() => void audit.event({ tenantId: 't0', action: 'before' })));
    await audit.clear();
    expect(audit.entries).toEqual([]);
    expect(await audit.event({ tenantId: 't0', action: 'after' })).toMatchObject({ seq: 1 });
    await Promise.all(late);
    await audit.flush();
    expect(actionsOf(audit)).toEqual(['after']);
    for (const tenantId of ['t0', 't1', TENANT])
      expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact' });
  });

  it('is not kept from it by an event that failed', async () => {
    const audit = createTestAudit();
    await audit.event({ tenantId: TENANT, action: 'x', id: '1' });
    void audit.event({ tenantId: TENANT, action: 'y', id: '1' });
    await audit.clear();
    expect(audit.entries).toEqual([]);
  });

  it('forgets what was counted: the next test has its own ten', async () => {
    const audit = createTestAudit();
    const scope = { origin: () => ({}), recorded: () => undefined, isOver: false };
    const repeat = (times: number) => {
      for (let n = 0; n < times; n++) {
        ledgerOf(audit).captured.fold(CALLER, { action: CALLER.action, outcome: 'denied' }, scope);
        ledgerOf(audit).captured.fold(EXPORT, { action: EXPORT.action, resource: EXPORT.resource }, scope);
      }
    };
    repeat(15);
    await audit.flush();
    expect(audit.entries.filter(({ metadata }) => metadata).map(countOf)).toEqual([5, 5]);
    await audit.clear();
    repeat(10);
    await audit.flush();
    expect([audit.entries.length, sumOf(audit.entries)]).toEqual([20, 20]);
  });
});

describe('an application', () => {
  function appWith(audit: ReturnType<typeof createTestAudit>): Express {
    const identify = (req: express.Request) => ({ actor: req.get('x-user'), tenantId: TENANT });
    const app = express().set('env', 'test');
    app.use(auditMiddleware({ audit, identify }));
    app.post('/invites/:id', async (req, res) => {
      await req.audit({ action: 'org.member.invite', resource: req.params.id });
      res.sendStatus(201);
    });
    app.get('/secret', (_req, res) => void res.sendStatus(403));
    app.get('/orders.csv', (_req, res) => void res.type('csv').send('a,b\n'));
    return app.use('/audit', auditRouter({ audit, identify }));
  }

  it('records through the middleware, captures, and shows its trail', async () => {
    const audit = createTestAudit();
    const app = supertest(appWith(audit));
    await app.post('/invites/7').set('X-User', 'ada').expect(201);
    expect(audit.entries).toMatchObject([
      {
        action: 'org.member.invite',
        actor: 'ada',
        tenantId: TENANT,
        resource: '7',
        context: { route: '/invites/:id' },
      },
    ]);
    await app.get('/secret').set('X-User', 'bob').expect(403);
    await app.get('/orders.csv').set('X-User', 'bob').expect(200);
    await audit.flush();
    expect(actionsOf(audit)).toEqual(['org.member.invite', 'auth.unauthorized_access', 'data.export']);
    const { body } = await app.get('/audit/entries').set('X-User', 'ada').expect(200);
    expect((body as { entries: object[] }).entries).toHaveLength(3);
  });
});

describe('under a faked clock', () => {
  const NOON = new Date('2030-01-02T12:00:00.000Z');
  afterEach(() => void jest.useRealTimers());

  it('records, at its times, though nothing advances it', async () => {
    jest.useFakeTimers({ now: NOON });
    const audit = createTestAudit();
    const given = new Date('2029-12-31T23:00:00.000Z');
    await audit.event({ tenantId: TENANT, action: 'a', occurredAt: given, metadata: { given } });
    void audit.event({ tenantId: TENANT, action: 'b' });
    await audit.event({ tenantId: TENANT, action: 'c' }, { session: { inTransaction: () => true } });
    await audit.flush();
    expect(audit.entries).toMatchObject([
      {
        action: 'a',
        occurredAt: given.toISOString(),
        recordedAt: NOON.toISOString(),
        metadata: { given: given.toISOString() },
      },
      { action: 'b', occurredAt: NOON.toISOString() },
      { action: 'c' },
    ]);
    expect(await audit.list({ tenantId: TENANT, from: NOON })).toHaveLength(3);
    expect(jest.getTimerCount()).toBe(0);
    await audit.clear();
    expect(audit.entries).toEqual([]);
    await audit.close();
  });

  it('records after the clock was put back', async () => {
    const audit = createTestAudit();
    jest.useFakeTimers({ now: NOON });
    await audit.event({ tenantId: TENANT, action: 'a' });
    jest.useRealTimers();
    await audit.event({ tenantId: TENANT, action: 'b' });
    expect(audit.entries.map(({ recordedAt }) => recordedAt)).toEqual(
      [NOON, NOON].map((time) => time.toISOString()),
    );
    await audit.clear();
    expect(await audit.event({ tenantId: TENANT, action: 'c' })).toMatchObject({ seq: 1 });
    expect(audit.entries[0]!.recordedAt < NOON.toISOString()).toBe(true);
  });
});
