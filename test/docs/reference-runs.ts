import express from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, createAudit, type Identify } from '../../index';
import { serve } from '../support/served';
import { actions, authenticate, ending, IDENTITY, MEMBER, pass, run, type Shop } from './running';

/** Runs the blocks of the reference. */
export function runReference(shop: Shop): void {
  let { connection, audit } = shop;
  const { tenantId } = MEMBER;
  beforeAll(() => ({ connection, audit } = shop));

  describe('docs/collector.md', () => {
    const page = 'docs/collector.md';

    it('mounts the collector', async () => {
      const app = express();
      await run(page, 'auditCollector({ audit })', { values: { app, audit } });
      const { url } = await serve(app);
      await supertest(url).post('/ingest/events').send({ action: 'a' }).expect(401);
    });

    it('makes, rotates and revokes a key', async () => {
      const log = jest.spyOn(console, 'log').mockImplementation();
      await run(page, 'audit.keys.create', { values: { audit } });
      expect(log).toHaveBeenCalledWith(1, true);
      expect(await audit.keys.list()).toMatchObject([{ name: 'billing', revokedAt: expect.any(String) }]);
      log.mockRestore();
    });
  });

  describe('docs/reference/audit.md', () => {
    const page = 'docs/reference/audit.md';

    it('lists page by page', async () => {
      const many = audit.batch();
      for (let n = 0; n < 60; n++) many.event({ tenantId: 'many', action: 'org.a' });
      await many.commit();
      const given = await run(page, 'page.nextCursor', {
        values: { audit, tenantId: 'many' },
        instead: { '2026-11-01': '2020-01-01' },
      });
      expect([given['page'], given['next']]).toMatchObject([{ length: 50 }, { length: 10 }]);
    });

    it('looks for words, page by page', async () => {
      await audit.event({ tenantId: 'many', action: 'invoice.pay', metadata: { note: 'Refund of 7' } });
      const { refunds } = await run(page, "text: 'refund'", { values: { audit, tenantId: 'many' } });
      expect(refunds).toMatchObject([{ action: 'invoice.pay' }]);
    });

    it('records a batch', async () => {
      const given = await run(page, 'audit.batch()', {
        values: { audit, tenantId, rows: [{ id: '1' }, { id: '2' }] },
      });
      expect(given).toMatchObject({ count: 2, receipts: [{ tenantId }, { tenantId }] });
    });

    it('records as somebody', async () => {
      await run(page, 'runAs', { values: { audit, tenantId: 'jobs' } });
      expect([...(await audit.list({ tenantId: 'jobs' }))]).toMatchObject([
        { actor: 'mailer', actorType: 'service' },
      ]);
    });

    it('tells how it goes', async () => {
      const app = express();
      await run(page, '/health', { values: { audit, app, logger: { error: () => undefined } } });
      const { body } = await supertest((await serve(app)).url)
        .get('/health')
        .expect(200);
      // As the last sweep has seen it: an event of a transaction above may still have been there.
      expect(body).toMatchObject({ queued: 0, failed: 0, outbox: { size: expect.any(Number) } });
    });
  });

  it('docs/reference/events.md records who, what, before and after', async () => {
    await run('docs/reference/events.md', 'role_change', { values: { audit } });
    const [entry] = await audit.list({ tenantId: 'org_acme' });
    expect(entry).toMatchObject({ actorName: 'Ada', before: { role: 'member' }, after: { role: 'admin' } });
  });

  it('docs/reference/events.md records a failed sign-in, whatever was sent', async () => {
    const values = { audit, email: { $ne: null }, tenantId: 'signed_out' };
    await run('docs/reference/events.md', 'auth.login', { values });
    const [entry] = await audit.list({ tenantId: 'signed_out' });
    expect(entry?.actor).toBe('{"$ne":null}');
  });

  describe('docs/reference/middleware.md', () => {
    const page = 'docs/reference/middleware.md';

    it('identifies whole users', async () => {
      const { withNames } = await run(page, 'withNames', { values: {} });
      const user = { id: 'ada', name: 'Ada', tenantId: 'acme' };
      expect((withNames as Identify)({ user } as never)).toEqual({ actor: user, tenantId: 'acme' });
    });

    it('identifies, and captures what it says', async () => {
      const { identify } = await run(page, 'const identify', { values: {} });
      const { capture } = await run(page, 'const capture', { values: {} });
      const app = express().set('env', 'test');
      await run(page, 'app.use', { values: { app, audit, auditMiddleware, identify, capture } });
      app.use(authenticate).all('/{*path}', (_req, res) => void res.sendStatus(204));
      const served = await serve(app);
      const { url } = served;
      for (const path of ['/reports/1', '/others/1']) await supertest(url).get(path).expect(204);
      await supertest(url).put('/thing').expect(204);
      await served.settled();
      await audit.flush();
      expect(await actions(shop, 'http.request')).toHaveLength(1);
      expect(await actions(shop, 'data.export')).toHaveLength(1);
    });

    it('captures sign-ins that are refused by a page', async () => {
      const { signIns } = await run(page, 'signIns', { values: {} });
      const { authFailures } = signIns as { authFailures: (req: object, res: object) => unknown };
      const res = (location: string) => ({ getHeader: () => location });
      const req = { path: '/login', method: 'POST' };
      expect(authFailures(req, res('/login'))).toBe(true);
      expect(authFailures(req, res('/'))).toBeUndefined();
    });
  });

  it('docs/servers.md has a ledger for readers', async () => {
    const app = express().use(authenticate);
    const values = { app, auditRouter, connection, createAudit };
    ending((await run('docs/servers.md', 'readOnly', { values }))['reader']);
    await supertest((await serve(app)).url)
      .get('/audit/entries')
      .expect(200);
  });

  it('docs/reference/options.md has a ledger, and one that knows its actions', async () => {
    const page = 'docs/reference/options.md';
    const values = { connection, createAudit };
    const first = ending((await run(page, 'defaultTenant', { values }))['audit']);
    expect(first.defaultTenant).toBe('acme');
    const quiet = (options: object) =>
      createAudit({ ...options, logger: { warn: () => undefined, error: () => undefined } });
    ending((await run(page, 'ACTIONS = [', { values }))['checked']);
    const { strict } = await run(page, 'strict', {
      values: { connection, tenantId: 'strict', createAudit: quiet },
    });
    ending(strict);
    expect(await audit.list({ tenantId: 'strict' })).toHaveLength(1);
  });

  it('docs/redaction.md redacts by name and by shape', async () => {
    const made = await run('docs/redaction.md', 'redact', { values: { connection, createAudit } });
    const own = ending(made['audit']);
    const metadata = {
      userNationalId: '1',
      note: 'is 123-45-6789',
      iban: 'DE02120300000000202051',
      place: 'here',
    };
    const { id } = await own.event({ tenantId: 'redacted', action: 'a.b', metadata });
    expect(await own.get({ tenantId: 'redacted', id })).toMatchObject({
      metadata: { userNationalId: '[REDACTED]', note: '[REDACTED]', iban: '…2051', place: 'here' },
    });
  });

  it('docs/reference/router.md has an API', async () => {
    const app = express().use(authenticate);
    const own = { authorize: () => true, identify: () => IDENTITY, tenant: () => tenantId };
    await run('docs/reference/router.md', 'recordAccess', {
      values: { app, audit, auditRouter, requireAuth: pass, ...own },
    });
    await supertest((await serve(app)).url)
      .get('/audit/entries')
      .expect(200);
  });

  it('docs/reference/verification.md verifies', async () => {
    const { report } = await run('docs/reference/verification.md', 'verify', { values: { audit, tenantId } });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed' });
  });
}
