import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import mongoose from 'mongoose';
import { auditMiddleware, createAudit, isAuditError } from '../../index';

/** How this process uses the package before it leaves its end to Node.js: by the name in its first argument. */
const lives = {
  /** A script that records one event. */
  async script(uri: string, dbName: string) {
    await mongoose.connect(uri, { dbName });
    const audit = createAudit();
    await audit.event({ tenantId: 't', action: 'a.b' });
    await mongoose.connection.close();
  },

  /** The same, and nobody waits for the event. */
  async hasty(uri: string, dbName: string) {
    await mongoose.connect(uri, { dbName });
    void createAudit().event({ tenantId: 't', action: 'a.b' });
    await mongoose.connection.close();
  },

  /** A test of an application that never connects, and refuses a request. */
  async refusal() {
    const app = express().use(auditMiddleware());
    app.get('/', (_req, res) => void res.sendStatus(401));
    const server = createServer(app).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${(await fetch(`http://127.0.0.1:${port}/`)).status}\n`);
    server.close();
    server.closeAllConnections();
  },

  /** A shutdown that disconnects first. */
  async disconnected(uri: string, dbName: string) {
    await mongoose.connect(uri, { dbName });
    const audit = createAudit();
    audit.on('error', () => undefined);
    await audit.event({ tenantId: 't', action: 'a.b' });
    await mongoose.disconnect();
    const waiting = audit.event({ tenantId: 't', id: 'late', action: 'a.b' });
    for (const ended of [audit.flush(), audit.close(), waiting]) {
      const error: unknown = await ended.catch((error: unknown) => error);
      if (!isAuditError(error)) throw new Error('it was accepted');
      process.stdout.write(`${error.code} ${JSON.stringify(error.events ?? null)}\n`);
    }
  },

  /** A shutdown that does both at once. */
  async together(uri: string, dbName: string) {
    await mongoose.connect(uri, { dbName });
    const audit = createAudit();
    audit.on('error', () => undefined);
    const events = Array.from({ length: 3 }, () => audit.event({ tenantId: 't', action: 'a.b' }));
    const ends = [audit.close(), mongoose.disconnect(), ...events];
    const outcomes = await Promise.allSettled(ends);
    process.stdout.write(`${outcomes.map(({ status }) => status).length} settled\n`);
  },

  /** Many tenants wait on a connection that ended, and many ledgers on one that has not begun. */
  async crowded(uri: string, dbName: string) {
    const silent = { warn: () => undefined, error: () => undefined };
    const unopened = mongoose.createConnection();
    for (let n = 0; n < 40; n++) {
      const audit = createAudit({ connection: unopened, logger: silent });
      void audit.event({ tenantId: 't', action: 'a.b' });
      audit.list({ tenantId: 't' }).catch(() => undefined);
    }
    await mongoose.connect(uri, { dbName });
    const connecting = mongoose.createConnection(uri, { dbName }).useDb(dbName);
    const [early, audit] = [createAudit({ connection: connecting }), createAudit({ logger: silent })];
    const tenants = Array.from({ length: 40 }, (_, n) => `tenant-${n}`);
    await Promise.all(tenants.map((tenantId) => early.list({ tenantId })));
    await connecting.close();
    await mongoose.disconnect();
    const tried = new Set<string>();
    const all = new Promise<void>((resolve) =>
      audit.on('retry', ({ tenantId }) => {
        if (tried.add(tenantId).size === 40) resolve();
      }),
    );
    for (const tenantId of tenants) void audit.event({ tenantId, action: 'a.b' });
    await all;
  },
};

const [life, uri = '', dbName = ''] = process.argv.slice(2) as [keyof typeof lives, string?, string?];
void lives[life](uri, dbName);
