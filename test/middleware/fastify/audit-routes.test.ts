import type { AddressInfo } from 'node:net';
import { auditPlugin, auditRoutes, type AuditRoutesOptions } from 'express-audit-ledger/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { createTestAudit } from '../../../testing';

const audit = createTestAudit();
const running: FastifyInstance[] = [];
beforeEach(() => audit.event({ action: 'a.b', tenantId: 'acme' }));
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
  await audit.clear();
});
afterAll(() => audit.close());

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

async function serveTrail(
  options: AuditRoutesOptions & { prefix?: string } = {},
  prepare: (app: FastifyInstance) => unknown = () => undefined,
): Promise<{ url: string; app: FastifyInstance }> {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  running.push(app);
  await prepare(app);
  await app.register(auditRoutes, { audit, identify, prefix: '/audit', ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

describe('auditRoutes of Fastify', () => {
  it.each(['/audit', '/audit/', '/a/b', '/'])('are at the prefix %s', async (prefix) => {
    const { url } = await serveTrail({ prefix });
    const mount = `${url}${prefix.replace(/\/$/, '')}`;
    const page = await fetch(`${url}${prefix}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await fetch(new URL('viewer.js', page.url))).status).toBe(200);
    const { entries } = (await (await fetch(`${mount}/entries`)).json()) as { entries: unknown[] };
    expect(entries).toHaveLength(1);
  });

  it('read the tenant from a parameter of the prefix', async () => {
    const { url } = await serveTrail({
      prefix: '/orgs/:orgId/audit',
      tenant: (request) => (request.params as { orgId: string }).orgId,
    });
    const of = async (org: string) =>
      ((await (await fetch(`${url}/orgs/${org}/audit/entries`)).json()) as { entries: unknown[] }).entries;
    expect(await of('acme')).toHaveLength(1);
    expect(await of('ac%6De')).toHaveLength(1);
    expect(await of('other')).toHaveLength(0);
  });

  it('keep what plugins put into a reply, and are told of to hooks by their path', async () => {
    const seen: string[] = [];
    const { url } = await serveTrail({}, (app) => {
      app.addHook('onRequest', (_request, reply, done) => {
        void reply.header('access-control-allow-origin', 'https://example.com');
        done();
      });
      app.addHook('onResponse', (request, reply, done) => {
        seen.push(`${request.url} ${reply.statusCode}`);
        done();
      });
    });
    for (const path of ['/audit/entries', '/audit/export?format=csv', '/audit/none']) {
      const response = await fetch(`${url}${path}`);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://example.com');
      await response.arrayBuffer();
    }
    await running.at(-1)?.close();
    expect(seen).toEqual(['/audit/entries 200', '/audit/export?format=csv 200', '/audit/none 404']);
  });

  it('refuse by the method, whatever is sent, and leave the parsers of others alone', async () => {
    const { url } = await serveTrail({}, (app) => {
      app.post('/echo', (request) => request.body);
    });
    for (const type of ['application/json', 'text/x-unknown']) {
      const headers = { 'content-type': type };
      const refused = await fetch(`${url}/audit/entries`, { method: 'POST', headers, body: '{' });
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
    const headers = { 'content-type': 'application/json' };
    expect(await (await fetch(`${url}/echo`, { method: 'POST', headers, body: '{"a":1}' })).json()).toEqual({
      a: 1,
    });
  });

  it('read the identity as the plugin before them does', async () => {
    const { url } = await serveTrail({ identify: undefined }, (app) =>
      app.register(auditPlugin, { audit, identify }),
    );
    expect((await fetch(`${url}/audit/session`)).status).toBe(200);
  });

  it('end their streams when the application closes', async () => {
    const { url, app } = await serveTrail();
    const stream = await fetch(`${url}/audit/stream`);
    const reader = stream.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toMatch(/^retry: /);
    running.splice(0);
    await app.close();
    await expect(reader.closed.catch(() => undefined)).resolves.toBeUndefined();
  });

  it('refuse to start with options that are wrong', async () => {
    await expect(serveTrail({ authorize: 7 } as object)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/^auditRoutes .*`authorize`/),
    });
  });
});
