import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import * as fastifyBinding from 'express-audit-ledger/fastify';
import * as honoBinding from 'express-audit-ledger/hono';
import * as koaBinding from 'express-audit-ledger/koa';
import * as nextBinding from 'express-audit-ledger/next';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { createClient } from '../../../../client';
import { auditCollector } from '../../../../collector';
import { createTestAudit } from '../../../../testing';
import { sendTo } from '../../../support/collecting';
import { nodeListener } from '../../../support/node-listener';

const audit = createTestAudit();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await audit.clear();
});
afterAll(() => audit.close());

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What is mounted by hand: the listener is given the path below its mount. */
function belowIngest(listener: RequestListener): RequestListener {
  return (req, res) => {
    req.url = req.url?.replace(/^\/ingest/, '');
    listener(req, res);
  };
}

/** Each framework with a parser of bodies and the capture before the collector, which is at `/ingest`. */
const FRAMEWORKS: [string, () => Promise<string>][] = [
  [
    'Express',
    () => listening(createServer(express().use(express.json()).use('/ingest', auditCollector({ audit })))),
  ],
  ['node:http', () => listening(createServer(belowIngest(auditCollector({ audit }))))],
  [
    'Fastify',
    async () => {
      const app = Fastify({ forceCloseConnections: true });
      ends.push(() => app.close());
      await app.register(fastifyBinding.auditPlugin, { audit });
      await app.register(fastifyBinding.auditCollector, { audit, prefix: '/ingest' });
      return app.listen({ port: 0, host: '127.0.0.1' });
    },
  ],
  [
    'Koa',
    () => {
      const app = new Koa();
      app.use(koaBinding.auditMiddleware({ audit }));
      app.use(koaBinding.auditCollector({ audit, prefix: '/ingest' }));
      return listening(createServer((req, res) => void app.callback()(req, res)));
    },
  ],
  [
    'Koa with a parser',
    () => {
      const app = new Koa();
      app.use(async (ctx, next) => {
        const portions: Buffer[] = [];
        for await (const portion of ctx.req) portions.push(portion as Buffer);
        const sent = Buffer.concat(portions);
        const text = ctx.get('content-encoding') === '' ? sent : gunzipSync(sent);
        Object.assign(ctx.request, { body: sent.length > 0 ? JSON.parse(text.toString()) : {} });
        await next();
      });
      app.use(koaBinding.auditCollector({ audit, prefix: '/ingest' }));
      return listening(createServer((req, res) => void app.callback()(req, res)));
    },
  ],
  [
    'Hono',
    () => {
      const app = new Hono();
      app.use(honoBinding.auditMiddleware({ audit }));
      app.route('/ingest', honoBinding.auditCollector({ audit }));
      return listening(createServer(nodeListener((request) => app.fetch(request))));
    },
  ],
  [
    'Next',
    () => {
      const { GET, HEAD, POST } = nextBinding.toNextHandler(nextBinding.auditCollector({ audit }));
      const handlers: Record<string, typeof GET> = { GET, HEAD, POST };
      const answer = (request: Request) => {
        const path = new URL(request.url).pathname.split('/').slice(2);
        const handler = handlers[request.method];
        const params = Promise.resolve({ path });
        return handler?.(request, { params }) ?? Promise.resolve(new Response(null, { status: 405 }));
      };
      return listening(createServer(nodeListener(answer)));
    },
  ],
];

describe.each(FRAMEWORKS)('the collector in %s', (_name, start) => {
  it('takes what a client sends, and gives what it asks for', async () => {
    const url = `${await start()}/ingest`;
    const { key: apiKey, id } = await audit.keys.create({
      name: 'k',
      scopes: ['write', 'read', 'export', 'verify'],
      tenants: ['acme'],
    });
    const client = createClient({ url, apiKey, defaultTenant: 'acme' });
    const receipt = await client.event({ action: 'a.b', id: 'an/id', metadata: { n: 1 } });
    expect(receipt).toMatchObject({ id: 'an/id', seq: 1 });
    expect(await client.get(receipt)).toMatchObject({ id: 'an/id', via: id });
    expect(await client.list({ tenantId: 'acme' })).toHaveLength(1);
    expect(await client.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact' });
    let evidence = '';
    for await (const piece of await client.exportEvidence({ tenantId: 'acme' }))
      evidence += Buffer.from(piece).toString();
    expect(evidence).toContain('an/id');
    await client.close();
  });

  it('reads compressed bodies, and refuses others, methods and keys', async () => {
    const url = `${await start()}/ingest`;
    const { key } = await audit.keys.create({ name: 'k', scopes: ['write'], tenants: ['acme'] });
    const post = (body: unknown, headers: Record<string, string> = {}, given: string | undefined = key) =>
      sendTo(`${url}/events`, { key: given, method: 'POST', body, headers });
    const packed = gzipSync(JSON.stringify({ action: 'a.b', id: 'packed' }));
    expect((await post(packed, { 'Content-Encoding': 'gzip' })).status).toBe(201);
    expect((await post({ action: 'a.b' }, {}, `alk_${'a'.repeat(12)}_${'0'.repeat(49)}`)).status).toBe(401);
    expect((await sendTo(`${url}/events`, { key, method: 'GET' })).status).toBe(405);
    expect((await sendTo(`${url}/nowhere`, { key })).status).toBe(404);
    await audit.flush();
    const actions = (await audit.list({ tenantId: 'system' })).map(({ action }) => action);
    expect(actions).toContain('ledger.key.refused');
    expect(actions).not.toContain('auth.unauthorized_access'); // it is no user of the application
    expect(audit.entries).toHaveLength(1);
  });
});
