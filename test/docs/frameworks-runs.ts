import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { FastifyInstance } from 'fastify';
import supertest from 'supertest';
import { serve } from '../support/served';
import { authenticate, MEMBER, pass, run, type Shop } from './running';

/** A process that the application may ask, and listen to. */
const processOf = (uri: string) =>
  Object.assign(new EventEmitter(), { env: { MONGODB_URI: uri, PORT: '0' } });

/** Runs the applications of the pages of frameworks, as their readers try them. */
export function runFrameworks(shop: Shop): void {
  /** @param tenant that no other page uses */
  async function tryOut(url: string, tenant: string): Promise<void> {
    const signedIn = { 'x-user': MEMBER.id, 'x-tenant': tenant };
    await supertest(url).delete('/members/7').expect(401);
    await supertest(url).delete('/members/7').set(signedIn).expect(200);
    const trail = await supertest(url).get('/audit/entries').set(signedIn).expect(200);
    expect(trail.body).toMatchObject({
      entries: [{ action: 'org.member.remove', actor: MEMBER.id, context: { route: '/members/:id' } }],
    });
  }

  it('docs/frameworks/express.md records and shows', async () => {
    const { app } = (await run('docs/frameworks/express.md', 'auditRouter()', {
      values: { authenticate, requireAuth: pass },
    })) as { app: Express };
    const { url } = await serve(app);
    await supertest(url).delete('/members/7').expect(204);
    await supertest(url).get('/audit/entries?action=org.member.remove').expect(200);
  });

  it('docs/frameworks/fastify.md is an application', async () => {
    const values = { process: processOf(shop.uri) };
    const { app } = (await run('docs/frameworks/fastify.md', 'auditPlugin', { values })) as {
      app: FastifyInstance;
    };
    await tryOut(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, 'on-fastify');
    await app.close();
  });

  it('docs/frameworks/koa.md is an application', async () => {
    const values = { process: processOf(shop.uri) };
    const { server } = (await run('docs/frameworks/koa.md', 'auditMiddleware', { values })) as {
      server: Server;
    };
    if (!server.listening) await once(server, 'listening');
    await tryOut(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'on-koa');
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
}
