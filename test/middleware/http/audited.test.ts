import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import * as fastify from 'express-audit-ledger/fastify';
import * as hono from 'express-audit-ledger/hono';
import * as koa from 'express-audit-ledger/koa';
import { auditCoverage } from '../../../index';
import { createTestAudit } from '../../../testing';
import { serve } from '../../support/served';

const audit = createTestAudit();
afterEach(() => audit.clear());
afterAll(() => audit.close());

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

const expected = [
  { action: 'member.invite', outcome: 'success', actor: 'ada', resource: 'm7' },
  { action: 'member.invite', outcome: 'failure', resource: 'm7' },
];

it('Koa: a route records by middleware, with the outcome of its status', async () => {
  const app = new Koa();
  app.silent = true;
  app.use(koa.auditMiddleware({ audit, identify }));
  app.use(koa.audited('member.invite', { resource: (ctx) => ctx.get('x-member') }));
  app.use((ctx) => {
    ctx.status = ctx.path === '/bad' ? 422 : 201;
  });
  const served = await serve((req, res) => void app.callback()(req, res));
  for (const path of ['/', '/bad'])
    await fetch(`http://127.0.0.1:${served.port}${path}`, { method: 'POST', headers: { 'x-member': 'm7' } });
  await served.settled();
  await audit.flush();
  expect(audit.entries).toMatchObject(expected);
});

it('Fastify: a route records by a hook, and its coverage knows it by its name', async () => {
  const coverage = auditCoverage({ routes: ['POST /members/:id', 'POST /health', 'POST /never'] });
  const app = Fastify();
  await app.register(fastify.auditPlugin, { audit, identify });
  const onRequest = fastify.audited('member.invite', {
    resource: (request) => (request.params as { id: string }).id,
  });
  app.post('/members/:id', { onRequest }, (request, reply) =>
    reply.code((request.query as { bad?: string }).bad === undefined ? 201 : 422).send(),
  );
  app.post('/health', { onRequest: fastify.exempt('changes nothing') }, (_request, reply) => reply.send());
  await app.inject({ method: 'POST', url: '/members/m7' });
  await app.inject({ method: 'POST', url: '/members/m7?bad' });
  await app.inject({ method: 'POST', url: '/health' });
  await app.close();
  await audit.flush();
  coverage.stop();
  expect(audit.entries).toMatchObject(expected);
  expect(coverage.report().routes.map(({ path, state }) => [path, state])).toEqual([
    ['/health', 'exempt'],
    ['/members/:id', 'recorded'],
    ['/never', 'never called'],
  ]);
});

it('Hono: a route records by middleware', async () => {
  const app = new Hono();
  app.use(hono.auditMiddleware({ audit, identify }));
  app.post('/members/:id', hono.audited('member.invite', { resource: (c) => c.req.param('id') }), (c) =>
    c.body(null, c.req.query('bad') === undefined ? 201 : 422),
  );
  for (const url of ['/members/m7', '/members/m7?bad=1'])
    await (await app.request(url, { method: 'POST' })).text();
  await audit.flush();
  expect(audit.entries).toMatchObject(expected);
});
