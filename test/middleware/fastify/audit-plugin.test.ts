import { once } from 'node:events';
import { request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auditPlugin, type AuditPluginOptions } from 'express-audit-ledger/fastify';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import mongoose from 'mongoose';
import { createTestAudit } from '../../../testing';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';

const audit = createTestAudit();
const running: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
  await audit.clear();
});
afterAll(() => audit.close());

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

/** An application that closes with its test. */
function application(options: FastifyServerOptions = {}): FastifyInstance {
  const app: FastifyInstance = Fastify({ ...options, forceCloseConnections: true });
  running.push(app);
  return app;
}

/** One with the plugin, and a route that records. */
async function followed(
  options: AuditPluginOptions = { audit, identify },
  settings: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = application(settings);
  await app.register(auditPlugin, options);
  app.get('/event', (request) => request.audit({ action: 'a.b' }));
  return app;
}

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function entries() {
  await audit.flush();
  return audit.entries;
}

describe('auditPlugin of Fastify', () => {
  it('follows what is outside of its own context, although it is registered as a plugin', async () => {
    const app = await followed();
    await app.register((inner, _options, done) => {
      inner.get('/inner', (request) => request.audit({ action: 'inner.read' }));
      done();
    });
    expect((await app.inject('/event')).json()).toMatchObject({ seq: 1 });
    expect((await app.inject('/inner')).json()).toMatchObject({ seq: 2 });
  });

  it('is the one of the second ledger in the context that registers that', async () => {
    const second = createTestAudit();
    const app = await followed();
    await app.register(
      async (inner) => {
        await inner.register(auditPlugin, { audit: second, identify });
        inner.get('/event', (request) => request.audit({ action: 'c.d' }));
      },
      { prefix: '/second' },
    );
    await app.inject('/event');
    await app.inject('/second/event');
    await second.flush();
    expect((await entries()).map(({ action }) => action)).toEqual(['a.b']);
    expect(second.entries.map(({ action }) => action)).toEqual(['c.d']);
    await second.close();
  });

  it('finds the user that a later hook leaves on the request', async () => {
    const app = await followed({ audit });
    app.decorateRequest('user', null);
    app.addHook('preHandler', async (request) => {
      await Promise.resolve();
      Object.assign(request, { user: { id: 'ada', tenantId: 'acme' } });
    });
    await app.inject('/event');
    expect(await entries()).toMatchObject([{ actor: 'ada', tenantId: 'acme' }]);
  });

  it('gives the functions of its options a request and a reply', async () => {
    const seen: unknown[] = [];
    const app = await followed({
      audit,
      identify: (request) => ({ actor: request.headers['x-user'] as string, tenantId: 'acme' }),
      capture: { authFailures: (request, reply) => void seen.push([request.url, reply.statusCode]) },
    });
    app.get('/denied', (_request, reply) => reply.code(403).send());
    await fetch(`${await listen(app)}/denied`, { headers: { 'x-user': 'ada' } });
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([{ actor: 'ada', outcome: 'denied' }]);
    expect(seen).toEqual([['/denied', 403]]);
  });

  it.each<[string, FastifyServerOptions, object, string | undefined]>([
    ["Fastify's own number", {}, {}, undefined],
    ['what a proxy said, and not the number', {}, { 'x-request-id': 'p-1' }, 'p-1'],
    ['the id that is generated', { genReqId: () => 'made-7' }, {}, 'made-7'],
    ['the configured header', { requestIdHeader: 'x-trace' }, { 'x-trace': 't-1' }, 't-1'],
    ['that one, whatever it says', { requestIdHeader: 'X-Trace' }, { 'x-trace': 'req-1' }, 'req-1'],
    ['no number where the configured header is missing', { requestIdHeader: 'x-trace' }, {}, undefined],
  ])('records as the id of a request %s', async (_what, settings, headers, id) => {
    const app = await followed({ audit, identify }, settings);
    await app.inject({ url: '/event', headers: headers as Record<string, string> });
    expect((await entries())[0]?.context?.['requestId']).toBe(id);
  });

  it('takes the address that `trustProxy` vouches for', async () => {
    const app = await followed({ audit, identify }, { trustProxy: true });
    await app.inject({ url: '/event', headers: { 'x-forwarded-for': '192.0.2.7' } });
    expect((await entries())[0]?.context).toMatchObject({ ipAddress: '192.0.2.7' });
  });

  it('redacts secret parameters of a route', async () => {
    const app = await followed();
    app.get('/reset/:token/:id', (request) => request.audit({ action: 'a.b' }));
    await app.inject('/reset/s3cret/7');
    expect((await entries())[0]?.context).toMatchObject({
      route: '/reset/:token/:id',
      path: '/reset/[REDACTED]/7',
    });
  });

  it('records what a reply refused to a client that had hung up', async () => {
    const app = await followed();
    app.get('/slow', async (request, reply) => {
      await once(request.raw.socket, 'close');
      return reply.code(401).send();
    });
    const sent = send(`${await listen(app)}/slow`, { headers: { expect: '100-continue' } });
    sent.on('error', () => undefined).flushHeaders();
    await once(sent, 'continue');
    sent.destroy();
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([{ context: { statusCode: 401 }, metadata: { completed: false } }]);
  });

  it('records a refusal that an error handler made of another error', async () => {
    const app = await followed();
    app.setErrorHandler((_error, _request, reply) => reply.code(403).send());
    app.get('/boom', () => Promise.reject(new Error('boom')));
    await fetch(`${await listen(app)}/boom`);
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([{ context: { statusCode: 403, route: '/boom' } }]);
  });

  it('refuses to start with options that are wrong, all at once', async () => {
    const app = application();
    const options = { audit, identify: 'me', captures: {} } as object;
    await expect(async () => app.register(auditPlugin, options)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/^auditPlugin .*`captures`.*`identify`/s),
    });
  });
});

describe('when an application of Fastify closes', () => {
  it('leaves the ledger open that it was given', async () => {
    const app = await followed();
    await app.close();
    await expect(audit.event({ action: 'a.b', tenantId: 'acme' })).resolves.toBeDefined();
  });

  it('closes the shared ledger, and the next application has another', async () => {
    const { name } = await connect();
    await mongoose.connect(sharedDatabaseUri(), { dbName: name });
    try {
      for (const seq of [1, 2]) {
        const app = await followed({ identify });
        expect((await app.inject('/event')).json()).toMatchObject({ seq });
        await app.close();
      }
      const own = mongoose.connection.collection('audit_entries').find({ tenantId: 'system' });
      const actions = (await own.toArray()).map((entry) => String(entry['action']));
      expect(actions).toEqual(['ledger.started', 'ledger.stopped', 'ledger.started', 'ledger.stopped']);
    } finally {
      await mongoose.connection.close();
    }
  });
});
