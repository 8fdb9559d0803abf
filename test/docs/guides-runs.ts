import { EventEmitter, once } from 'node:events';
import { createReadStream, existsSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express, { type Express } from 'express';
import mongoose, { Schema } from 'mongoose';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, createAudit, verifyEvidence } from '../../index';
import { until } from '../support/deadline';
import { serve } from '../support/served';
import { vkeyOf } from '../support/signing';
import { temporaryFolder } from '../support/temporary';
import {
  actions,
  application,
  authenticate,
  ending,
  IDENTITY,
  inHandler,
  MEMBER,
  pass,
  run,
  type Shop,
  signingKey,
} from './running';

/** Runs the blocks of the README, the quick start and the guides. */
export function runGuides(shop: Shop): void {
  let { connection, audit, uri } = shop;
  const { tenantId } = MEMBER;
  beforeAll(() => ({ connection, audit, uri } = shop));

  describe('README.md', () => {
    const page = 'README.md';
    const inviteModel = () =>
      connection.models['Invite'] ??
      connection.model('Invite', new Schema({ email: String, tenantId: String }));

    it('has three lines that record and show', async () => {
      const app = express().use(authenticate);
      const values = {
        app,
        auditMiddleware,
        auditRouter,
        requireAuth: pass,
        invite: { id: 'i_1' },
        role: 'member',
      };
      await inHandler(shop, page, 'app.use(auditMiddleware()); // before', values);
      expect(await actions(shop, 'org.member.invite')).toHaveLength(1);
      await supertest((await serve(app)).url)
        .get('/audit/entries')
        .expect(200);
    });

    it('has a quick start that is an application', async () => {
      const values = {
        process: { env: { MONGODB_URI: uri } },
        authenticate,
        requireAuth: pass,
        Invite: inviteModel(),
      };
      const { app } = (await run(page, "import express from 'express'", { values })) as { app: Express };
      const { url } = await serve(app);
      await supertest(url).post('/invites').send({ email: 'bob@example.com' }).expect(201);
      const { body } = await supertest(url).get('/audit/entries?action=org.member.invite').expect(200);
      expect(body).toMatchObject({ entries: [{ actor: 'ada', tenantId, metadata: { role: 'member' } }] });
    });

    it('reads, verifies and exports', async () => {
      const given = await run(page, 'const [newest]', { values: { createAudit, tenantId } });
      ending(given['audit']);
      expect(given).toMatchObject({
        newest: { tenantId, hash: expect.any(String) },
        verdict: 'intact',
        problems: [],
      });
      expect(await text(given['evidence'] as NodeJS.ReadableStream)).toContain('audit.export');
    });

    it('has options that go together', async () => {
      const folder = temporaryFolder();
      const app = express().use(authenticate);
      const identify = () => ({ actor: 'ada', tenantId: 'options' });
      const values = {
        ...{ app, auditMiddleware, auditRouter, createAudit, connection, signingKey, identify },
        ...{ requireAuth: pass, authorize: () => true },
      };
      const instead = { '/var/lib/shop/audit-spool': join(folder, 'spool'), '/mnt/other-disk': folder };
      const made = ending((await run(page, 'signingKey, // npx', { values, instead }))['audit']);
      await made.event({ tenantId: 'options', action: 'org.member.invite', metadata: { nationalId: '1' } });
      const { body } = await supertest((await serve(app)).url)
        .get('/audit/entries')
        .expect(200);
      expect(body).toMatchObject({ entries: [{ metadata: { nationalId: '[REDACTED]' } }] });
      await made.checkpoint('options');
      expect(existsSync(join(folder, 'checkpoints.jsonl'))).toBe(true);
    });
  });

  describe('docs/quick-start.md', () => {
    const page = 'docs/quick-start.md';

    it('is an application as its readers try it', async () => {
      const instead = { "app.listen(3100, '127.0.0.1');": '' }; // supertest listens
      const values = { process: { env: { MONGODB_URI: uri } } };
      const { app } = (await run(page, 'app.listen', { values, instead })) as { app: Express };
      const { url } = await serve(app);
      const signedIn = { 'x-user': 'ada', 'x-tenant': 'quick' };
      await supertest(url).get('/audit/entries').expect(401);
      await supertest(url).post('/invites').set(signedIn).send({ email: 'bob@example.com' }).expect(201);
      const { body } = await supertest(url).get('/audit/entries').set(signedIn).expect(200);
      expect(body).toMatchObject({ entries: [{ action: 'org.member.invite', actor: 'ada', seq: 1 }] });
      const verified = await supertest(url).get('/audit/verify').set(signedIn).expect(200);
      expect(verified.body).toMatchObject({ verdict: 'intact', size: 1 });
      const file = join(temporaryFolder(), 'trail.csv');
      writeFileSync(
        file,
        (await supertest(url).get('/audit/export?format=csv').set(signedIn).expect(200)).text,
      );
      const report = await verifyEvidence(createReadStream(file), { allowUntrustedKey: true });
      expect(report).toMatchObject({ verdict: 'intact', anchor: 'unsigned' });
    });

    it('shares a ledger of its own', async () => {
      const app = express().use(authenticate);
      const values = {
        ...{ app, auditMiddleware, auditRouter, createAudit, connection, requireAuth: pass },
        ...{ identify: () => IDENTITY, capture: {}, authorize: () => true },
      };
      ending((await run(page, "names: ['nationalId']", { values }))['audit']);
      await supertest((await serve(app)).url)
        .get('/audit/verify')
        .expect(200);
    });

    it('records in a job', async () => {
      await run(page, 'invoice.send', { values: { audit } });
      expect(await actions(shop, 'invoice.send')).toHaveLength(1);
    });
  });

  it('docs/complete.md has one list of actions, in a module that another one imports', async () => {
    const { actions } = await run('docs/complete.md', 'defineActions({', { values: {} });
    expect(actions).toContain('org.member.invite');
    const log = jest.spyOn(console, 'log').mockImplementation();
    const made = await run('docs/complete.md', 'compareWithStandards(', { values: { actions } });
    log.mockRestore();
    const event = { tenantId, action: 'org.member.unknown' };
    await expect(ending(made['audit']).event(event)).rejects.toMatchObject({ code: 'INVALID_EVENT' });
  });

  describe('docs/guides/customers.md', () => {
    const page = 'docs/guides/customers.md';

    it('shows customers their trail', async () => {
      const app = express().use(authenticate);
      await run(page, 'requireAuth, auditRouter());', { values: { app, auditRouter, requireAuth: pass } });
      await supertest((await serve(app)).url)
        .get('/audit/session')
        .expect(200);
    });

    it('has a name and a way back', async () => {
      const app = express().use(authenticate);
      await run(page, "home: '/'", { values: { app, auditRouter, requireAuth: pass, audit } });
      const { text: html } = await supertest((await serve(app)).url)
        .get('/trail/')
        .expect(200);
      expect(html).toContain('{&quot;title&quot;:&quot;Acme activity&quot;,&quot;home&quot;:&quot;/&quot;}');
    });

    it('is framed by another origin, and asks it for a token', async () => {
      const app = express();
      await run(page, 'bearer: true', { values: { app, auditRouter, audit } });
      const { url } = await serve(app);
      const { headers, text: html } = await supertest(url).get('/embedded/audit/').expect(200);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'self' https://app.example.com");
      expect(html).toContain('&quot;hosts&quot;:[&quot;https://app.example.com&quot;]');
      await supertest(url).get('/embedded/audit/entries').expect(401);
    });

    it('narrows who may', async () => {
      const app = express().use(authenticate);
      await run(page, "'admin'", { values: { app, auditRouter, requireAuth: pass, audit } });
      const { url } = await serve(app);
      await supertest(url).get('/audit/entries').expect(403);
      await supertest(url).get('/audit/entries').set('x-role', 'admin').expect(200);
    });

    it("shows support staff any customer's, and records that", async () => {
      const Organisation = connection.model('Organisation', new Schema({ _id: String }));
      await Organisation.create({ _id: tenantId });
      const app = express().use(authenticate);
      const router: typeof auditRouter = (options) => auditRouter({ audit, ...options });
      await run(page, '/support/audit', { values: { app, auditRouter: router, Organisation } });
      const { url } = await serve(app);
      await supertest(url).get('/support/audit/acme/entries').expect(403);
      await supertest(url).get('/support/audit/acme/entries').set('x-role', 'support').expect(200);
      await supertest(url).get('/support/audit/nobody/entries').set('x-role', 'support').expect(401);
      await supertest(url).get('/support/audit/acme/export').set('x-role', 'support').expect(403);
      expect(await actions(shop, 'audit.read')).toHaveLength(1);
    });

    it("shows operators the ledger's own chain", async () => {
      const app = express().use(authenticate);
      await run(page, '/operations/audit', { values: { app, auditRouter, requireOperator: pass, audit } });
      const { url } = await serve(app);
      const { body } = await supertest(url)
        .get('/operations/audit/entries?action=ledger.started')
        .expect(200);
      expect(body).toMatchObject({ entries: expect.arrayContaining([expect.anything()]) });
    });
  });

  it('docs/guides/ending-a-process.md ends in order', async () => {
    const logger = { warn: () => undefined, error: () => undefined };
    const own = createAudit({ connection, defaultTenant: 'ending', logger });
    const shop = new mongoose.Mongoose();
    await shop.connect(uri);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const signals = new EventEmitter(); // a signal to this process would end the tests
    await run('docs/guides/ending-a-process.md', 'SIGTERM', {
      values: { process: signals, server, audit: own, mongoose: shop },
    });
    void own.event({ action: 'last' });
    const disconnected = once(shop.connection, 'close');
    signals.emit('SIGTERM');
    await disconnected;
    expect(server.listening).toBe(false);
    await expect(own.event({ action: 'late' })).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await audit.list({ tenantId: 'ending', action: 'last' })).toHaveLength(1);
  });

  it('docs/guides/ending-a-process.md ends a script', async () => {
    const shop = new mongoose.Mongoose();
    await shop.connect(uri);
    await run('docs/guides/ending-a-process.md', 'tariff.import', {
      values: { audit, mongoose: shop, tenantId },
    });
    expect(shop.connection.readyState).toBe(mongoose.ConnectionStates.disconnected);
    expect(await audit.list({ tenantId, action: 'tariff.import' })).toHaveLength(1);
  });

  it('docs/guides/exports.md writes a file that verifies', async () => {
    const file = join(temporaryFolder(), 'q1.csv');
    const page = 'docs/guides/exports.md';
    const instead = { 'q1.csv': file };
    await run(page, 'startDate', { values: { audit, tenantId, writeFile }, instead });
    const verifierKey = vkeyOf(signingKey, tenantId);
    const logged = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const { report } = await run(page, 'verifyEvidence', { values: { verifierKey }, instead });
    logged.mockRestore();
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed' });
  });

  describe('docs/guides/fail-closed-or-fail-open.md', () => {
    const page = 'docs/guides/fail-closed-or-fail-open.md';

    it('records both ways', async () => {
      await inHandler(shop, page, 'void req.audit', { event: { action: 'order.cancel' } });
      expect(await actions(shop, 'order.cancel')).toHaveLength(2);
    });

    it('answers once the event is recorded', async () => {
      const app = application(shop);
      await run(page, 'order.place', { values: { app } });
      await supertest((await serve(app)).url)
        .post('/orders')
        .expect(201);
      expect(await actions(shop, 'order.place')).toHaveLength(1);
    });
  });

  it('docs/guides/spool.md keeps events in its folder', async () => {
    const folder = temporaryFolder();
    const instead = { '/var/lib/shop/audit-spool': join(folder, 'spool') };
    const made = await run('docs/guides/spool.md', 'spool:', { values: { createAudit }, instead });
    ending(made['audit']);
    expect(existsSync(join(folder, 'spool'))).toBe(true);
  });

  it('docs/guides/transactions.md records what is committed', async () => {
    const Invite = connection.model('Invited', new Schema({ email: String }));
    await Invite.init();
    const email = 'eve@example.com';
    const values = { connection, Invite, audit, tenantId, email, rows: [{ id: 'batched' }] };
    await run('docs/guides/transactions.md', 'Invite.create', { values });
    await run('docs/guides/transactions.md', 'audit.batch', { values });
    expect(await Invite.countDocuments({ email })).toBe(1);
    await audit.flush();
    const linked = async () => (await audit.list({ tenantId, resource: [email, 'batched'] })).length === 2;
    await until(linked, 'what was committed is linked');
  });
}
