import { createHash, createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type RequestHandler, type Router } from 'express';
import jwt from 'jsonwebtoken';
import mongoose, { Schema } from 'mongoose';
import supertest from 'supertest';
import type { Audit, AuditErrorCode, Identity } from '../../index';
import { auditMiddleware } from '../../index';
import { sharedDatabaseUri } from '../support/database';
import { eventually } from '../support/eventually';
import { serve } from '../support/served';
import { temporaryFolder } from '../support/temporary';
import { passportFor } from './passport';
import { run, type Shop } from './running';

/** Runs the blocks of the recipes: each records in a tenant of its own. */
export function runRecipes(shop: Shop): void {
  let { connection, audit } = shop;
  beforeAll(() => ({ connection, audit } = shop));

  const page = (name: string): string => `docs/recipes/${name}.md`;
  const logger = { error: jest.fn() };

  async function recorded(tenantId: string): Promise<object[]> {
    await audit.flush();
    return [...(await audit.list({ tenantId, order: 'asc' }))];
  }

  async function served(mount: (app: Express) => void): Promise<string> {
    const app = express().set('env', 'test');
    app.use(auditMiddleware({ audit }), express.json());
    mount(app);
    return (await serve(app)).url;
  }

  it('sign-in with Passport', async () => {
    const { signIn } = (await run(page('sign-in-passport'), 'passport.authenticate', { values: {} })) as {
      signIn: RequestHandler;
    };
    const tenantId = 'passport';
    const url = await served((app) => app.post('/sign-in', ...passportFor(tenantId), signIn));
    await supertest(url).post('/sign-in').send({ email: 'ada@x', password: 'wrong' }).expect(401);
    await supertest(url).post('/sign-in').send({ email: 'ada@x', password: 'right' }).expect(302);
    await supertest(url).post('/sign-in').send({ email: 'eve@x', password: 'unkept' }).expect(500);
    expect(await recorded(tenantId)).toMatchObject([
      { action: 'auth.login', outcome: 'failure', actor: 'ada@x' },
      { action: 'auth.login', outcome: 'success', actor: 'ada' },
      { action: 'auth.login', outcome: 'success', actor: 'eve' },
      { action: 'auth.login', outcome: 'failure', actor: 'eve', metadata: { step: 'session' } },
    ]);
  });

  it('JSON Web Tokens', async () => {
    const { bearer } = (await run(page('jwt'), 'jwt.verify', { values: {} })) as {
      bearer: (key: string) => RequestHandler;
    };
    const url = await served((app) =>
      app.get('/x', bearer('a secret for tests'), async (req, res) => {
        await req.audit({ action: 'org.read' });
        res.sendStatus(204);
      }),
    );
    const token = jwt.sign({ sub: 'ada', tenantId: 'jwt' }, 'a secret for tests');
    await supertest(url).get('/x').set('authorization', 'Bearer no.token.here').expect(401);
    await supertest(url).get('/x').set('authorization', `Bearer ${token}`).expect(204);
    expect(await recorded('jwt')).toMatchObject([{ actor: 'ada', action: 'org.read' }]);
  });

  it('API keys', async () => {
    const { apiKeys } = (await run(page('api-keys'), 'x-api-key', { values: {} })) as {
      apiKeys: (find: (digest: string) => Promise<object | null>) => RequestHandler;
    };
    const digest = createHash('sha256').update('the key').digest('hex');
    const key = { id: 'key_1', name: 'Nightly sync', tenantId: 'api-keys' };
    const url = await served((app) =>
      app.get(
        '/x',
        apiKeys((given) => Promise.resolve(given === digest ? key : null)),
        (_req, res) => {
          res.sendStatus(204);
        },
      ),
    );
    await supertest(url).get('/x').expect(401);
    await supertest(url).get('/x').set('x-api-key', 'the key').expect(204);
    const found = await recorded('api-keys');
    expect(found).toMatchObject([{ actor: 'key_1', actorType: 'service', actorName: 'Nightly sync' }]);
    expect(JSON.stringify(found)).not.toContain('the key');
  });

  it('failures that redirect', async () => {
    const app = express();
    const middleware: typeof auditMiddleware = (options) =>
      auditMiddleware({ ...options, identify: () => ({ tenantId: 'redirects' }) });
    await run(page('redirects'), 'authFailures', { values: { app, audit, auditMiddleware: middleware } });
    app.post('/sign-in', (req, res) => res.redirect(req.query['ok'] === undefined ? '/sign-in?failed' : '/'));
    const { url } = await serve(app);
    await supertest(url).post('/sign-in?ok').expect(302);
    await supertest(url).post('/sign-in').expect(302);
    await eventually(async () =>
      expect(await recorded('redirects')).toMatchObject([
        { action: 'auth.unauthorized_access', outcome: 'denied' },
      ]),
    );
  });

  it('jobs and queues', async () => {
    const { runJob } = (await run(page('jobs'), 'runJob', { values: { audit } })) as {
      runJob: (job: object, work: () => Promise<unknown>) => Promise<void>;
    };
    const job = { name: 'report', data: { tenantId: 'jobs-recipe', requestedBy: 'ada', requestId: 'r1' } };
    await runJob(job, () => audit.event({ action: 'report.render' }));
    await expect(runJob(job, () => Promise.reject(new Error('no paper')))).rejects.toThrow('no paper');
    const by = { actor: 'worker', onBehalfOf: 'ada', context: { requestId: 'r1' } };
    expect(await recorded('jobs-recipe')).toMatchObject([
      { ...by, action: 'report.render' },
      { ...by, action: 'job.report', outcome: 'success' },
      { ...by, action: 'job.report', outcome: 'failure' },
    ]);
  });

  it('webhooks', async () => {
    const { webhooks } = (await run(page('webhooks'), 'x-signature', { values: {} })) as {
      webhooks: (secret: string, tenantOf: (account: string) => Promise<string>) => Router;
    };
    const app = express().use(auditMiddleware({ audit }));
    app.use(webhooks('s3cret', () => Promise.resolve('webhooks')));
    const { url } = await serve(app);
    const body = JSON.stringify({ id: 'd1', account: 'a', type: 'invoice.paid' });
    const signature = createHmac('sha256', 's3cret').update(body).digest('hex');
    const send = (given: string) =>
      supertest(url)
        .post('/payments')
        .set('content-type', 'application/json')
        .set('x-signature', given)
        .send(body);
    await send('00').expect(401);
    for (let tries = 0; tries < 3; tries++) await send(signature).expect(204);
    expect(await recorded('webhooks')).toMatchObject([{ action: 'webhook.invoice.paid', id: 'payments:d1' }]);
  });

  it('GraphQL and tRPC', async () => {
    const { audited } = (await run(page('graphql-trpc'), 'audited<', { values: { audit } })) as {
      audited: (
        action: string,
        resolve: () => Promise<unknown>,
      ) => (parent: unknown, args: object) => Promise<unknown>;
    };
    const { auditProcedures } = (await run(page('graphql-trpc'), 'auditProcedures', {
      values: { audit },
    })) as {
      auditProcedures: (call: object) => Promise<object>;
    };
    await audit.runAs({ actor: 'ada', tenantId: 'graphql' }, async () => {
      await audited('member.remove', () => Promise.resolve(true))(null, { id: '7', password: 'x' });
      await audited('member.remove', () => Promise.reject(new Error('no')))(null, { id: '8' }).catch(
        () => undefined,
      );
      const next = () => Promise.resolve({ ok: false });
      await auditProcedures({ path: 'member.add', type: 'mutation', next });
      await auditProcedures({ path: 'member.list', type: 'query', next });
    });
    expect(await recorded('graphql')).toMatchObject([
      { action: 'member.remove', resource: '7', metadata: { args: { password: '[REDACTED]' } } },
      { action: 'member.remove', resource: '8', outcome: 'failure' },
      { action: 'member.add', outcome: 'failure' },
    ]);
  });

  it('uploads', async () => {
    const { upload } = (await run(page('uploads'), 'createWriteStream', { values: {} })) as {
      upload: (folder: string) => RequestHandler;
    };
    const folder = temporaryFolder();
    const url = await served((app) => {
      app.use((req, _res, next) =>
        next(void Object.assign(req, { user: { id: 'ada', tenantId: 'uploads' } })),
      );
      app.post('/files', upload(folder));
    });
    const sent = await supertest(url)
      .post('/files')
      .set('x-file-name', 'cv.pdf')
      .set('content-type', 'application/pdf')
      .send('bytes')
      .expect(201);
    const { id } = sent.body as { id: string };
    expect(await readFile(join(folder, id), 'utf8')).toBe('bytes');
    const sha256 = createHash('sha256').update('bytes').digest('hex');
    expect(await recorded('uploads')).toMatchObject([
      { action: 'file.upload', resource: id, resourceName: 'cv.pdf', metadata: { bytes: 5, sha256 } },
    ]);
  });

  it('password reset', async () => {
    const { passwordResets } = (await run(page('password-reset'), 'accounts.redeem', { values: {} })) as {
      passwordResets: (router: Router, accounts: object) => Router;
    };
    const account = { id: 'ada', tenantId: 'resets' };
    const accounts = {
      find: (email: string) => Promise.resolve(email === 'ada@x' ? account : null),
      redeem: (token: string) => Promise.resolve(token === 'tok3nValue' ? account : null),
      sendToken: () => Promise.resolve(),
    };
    const url = await served((app) => void app.use(passwordResets(express.Router(), accounts)));
    await supertest(url).post('/password-resets').send({ email: 'nobody@x' }).expect(202);
    await supertest(url).post('/password-resets').send({ email: 'ada@x' }).expect(202);
    await supertest(url).post('/password-resets/wr0ng').send({ password: 'x' }).expect(401);
    await supertest(url).post('/password-resets/tok3nValue').send({ password: 'x' }).expect(204);
    const found = await recorded('resets');
    expect(found).toMatchObject([
      { action: 'auth.password.reset_request' },
      { action: 'auth.password.change', actor: 'ada' },
    ]);
    expect(JSON.stringify(found)).not.toContain('tok3nValue');
  });

  it('impersonation', async () => {
    const { identifyWithSupport } = (await run(page('impersonation'), 'identifyWithSupport', {
      values: {},
    })) as {
      identifyWithSupport: (req: object) => Identity;
    };
    const tenantId = 'impersonated';
    const { beginImpersonation } = (await run(page('impersonation'), 'beginImpersonation', {
      values: { audit, tenantId },
    })) as { beginImpersonation: (staff: object, account: object) => Promise<void> };
    expect(identifyWithSupport({})).toEqual({});
    const user = { id: 'sam', name: 'Sam', tenantId: 'vendor' };
    expect(identifyWithSupport({ session: { user } })).toEqual({
      actor: { id: 'sam', name: 'Sam' },
      tenantId: 'vendor',
    });
    await beginImpersonation({ id: 'sam', name: 'Sam' }, { id: 'ada' });
    const { actor } = identifyWithSupport({ session: { user, impersonated: { id: 'ada', tenantId } } });
    await audit.event({ tenantId, actor, action: 'member.remove' });
    expect(await recorded(tenantId)).toMatchObject([
      { action: 'support.impersonate', actorType: 'support', actorName: 'Sam', onBehalfOf: 'ada' },
      { action: 'member.remove', actorType: 'support', actorName: 'Sam', onBehalfOf: 'ada' },
    ]);
    expect(await audit.list({ tenantId, onBehalfOf: 'ada' })).toHaveLength(2);
  });

  it('soft deletes', async () => {
    const tenantId = 'soft';
    const { softDelete } = (await run(page('soft-deletes'), 'softDelete', {
      values: { audit, tenantId },
    })) as {
      softDelete: (document: object, type: string) => Promise<void>;
    };
    const Bill = connection.model('Bill', new Schema({ deletedAt: Date }));
    const bill = await Bill.create({});
    await softDelete(bill, 'invoice');
    expect(await recorded(tenantId)).toMatchObject([
      {
        action: 'invoice.delete',
        resource: bill.id,
        before: { deletedAt: null },
        after: { deletedAt: expect.any(String) },
      },
    ]);
  });

  it('bulk import', async () => {
    const tenantId = 'bulk';
    const rows = [{ id: '1' }, { id: '2' }];
    await run(page('bulk-import'), 'audit.batch({ session })', {
      values: { audit, connection, rows, tenantId },
    });
    await eventually(async () => expect(await recorded(tenantId)).toHaveLength(2));
    const { recordImport } = (await run(page('bulk-import'), 'recordImport', {
      values: { audit, rows, tenantId },
    })) as {
      recordImport: (file: object, failed: number) => Promise<void>;
    };
    await recordImport({ name: 'contacts.csv', sha256: 'ab' }, 1);
    expect([...(await audit.list({ tenantId, limit: 1 }))]).toMatchObject([
      { outcome: 'failure', metadata: { rows: 2, failed: 1 } },
    ]);
  });

  it('takes over an existing log, once', async () => {
    const tenantId = 'old';
    const ran = await run(page('existing-log'), 'takeOver', { values: { audit, tenantId } });
    const { takeOver } = ran as { takeOver: (rows: AsyncIterable<object>, name: string) => Promise<number> };
    async function* rows() {
      for (let id = 1; id <= 1_001; id++)
        yield await Promise.resolve({ id, at: new Date(Date.UTC(2020, 0, 1) + id), user: 'u', what: 'x.y' });
    }
    for (let run = 0; run < 2; run++) expect(await takeOver(rows(), 'legacy')).toBe(1_001);
    const newest = { seq: 1_001, id: 'legacy:1001', occurredAt: '2020-01-01T00:00:01.001Z' };
    expect([...(await audit.list({ tenantId, limit: 1 }))]).toMatchObject([newest]);
  });

  it('tests on a database', async () => {
    const { testDatabase } = (await run(page('tests'), 'testDatabase', { values: {} })) as {
      testDatabase: (uri: string, name: string) => Promise<{ ledger: Audit; end(): Promise<void> }>;
    };
    const made = await testDatabase(sharedDatabaseUri(), `${connection.name}_recipe`);
    await made.ledger.event({ tenantId: 't', action: 'a' });
    await made.end();
    expect(mongoose.connection.readyState).toBe(1);
  });

  it('metrics and alerts', async () => {
    const told = jest.fn();
    const values = { audit, logger: { error: told } };
    const { metrics } = (await run(page('metrics-and-alerts'), 'audit_ledger_oldest_waiting_seconds', {
      values: { audit },
    })) as {
      metrics: RequestHandler;
    };
    const url = await served((app) => app.get('/metrics', metrics));
    const { text } = await supertest(url).get('/metrics').expect(200);
    expect(text).toMatch(/^audit_ledger_events_recorded_total \d+$/m);
    expect(text).toMatch(/^audit_ledger_oldest_waiting_seconds \d/m);
    const { PAGED } = (await run(page('metrics-and-alerts'), 'PAGED', { values })) as {
      PAGED: Set<AuditErrorCode>;
    };
    expect(PAGED.has('RECORDING_STALLED')).toBe(true);
    const { observeLedger } = (await run(page('metrics-and-alerts'), 'observeLedger', {
      values: { audit },
    })) as {
      observeLedger: (meter: object) => void;
    };
    const seen: number[] = [];
    observeLedger({
      createObservableGauge: () => ({
        addCallback: (call: (result: object) => void) =>
          call({ observe: (value: number) => seen.push(value) }),
      }),
    });
    expect(seen).toEqual([expect.any(Number)]);
  });

  it('least-privilege roles', async () => {
    await run(page('least-privilege'), 'audit.ready()', { values: { audit, logger } });
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('containers and serverless', async () => {
    const ended = Object.assign(new EventEmitter(), { exit: jest.fn() });
    const close = jest.fn(() => Promise.resolve());
    const { endInOrder } = (await run(page('containers-and-serverless'), 'endInOrder', {
      values: { audit: { close }, logger, process: ended },
    })) as { endInOrder: (server: Server) => void };
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    endInOrder(server);
    ended.emit('SIGTERM');
    await eventually(() => expect([close.mock.calls.length, ended.exit.mock.calls.length]).toEqual([1, 1]));
    const { handle } = (await run(page('containers-and-serverless'), 'waitUntil', { values: { audit } })) as {
      handle: (
        work: () => Promise<Response>,
        waitUntil: (rest: Promise<unknown>) => void,
      ) => Promise<Response>;
    };
    const rest: Promise<unknown>[] = [];
    expect(
      await handle(
        () => Promise.resolve(new Response('x')),
        (work) => rest.push(work),
      ),
    ).toBeInstanceOf(Response);
    await Promise.all(rest);
  });

  it('events by name', async () => {
    await run(page('compliance'), 'org.member.role_change', { values: { audit, tenantId: 'compliance' } });
    expect(await recorded('compliance')).toMatchObject([
      { after: { role: 'admin' }, context: { ipAddress: '203.0.113.7' } },
    ]);
  });

  it('when verify says broken', async () => {
    const write = jest.fn(writeFile);
    const given = await run(page('verify-says-broken'), 'report.json', {
      values: { audit, tenantId: 'compliance', writeFile: write },
    });
    expect(given['report']).toMatchObject({ verdict: 'intact' });
    expect(write).not.toHaveBeenCalled();
  });
}
