import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import express from 'express';
import type { Connection } from 'mongoose';
import { auditMiddleware, createAudit } from './built';
import { median, p99 } from './measure';

const REQUESTS = 10_000;

/** How long a handler that does not await `req.audit()` is held up by the call, in milliseconds. */
export async function benchHoldUp(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const audit = createAudit({ connection, defaultTenant: 'acme' });
  const held: number[] = [];
  const app = express();
  app.use(auditMiddleware({ audit }));
  app.post('/team/:id/invites', (req, res) => {
    const start = performance.now();
    void req.audit({
      action: 'org.member.invite',
      resource: 'invite_1',
      metadata: { role: 'member', email: 'ann@example.com' },
    });
    held.push(performance.now() - start);
    res.status(201).end();
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/team/7/invites`;
  await autocannon({ url, method: 'POST', connections: 1, amount: REQUESTS });
  await audit.close();
  server.close();
  console.log(`\nA handler that does not await req.audit() is held up by`);
  console.log(
    `  median ${median(held).toFixed(4)} ms, p99 ${p99(held).toFixed(4)} ms (${REQUESTS} requests)`,
  );
}
