import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import mongoose from 'mongoose';
import { auditCollector, auditMiddleware, auditRouter, createAudit } from './built';
import { processorTime } from './measure';

/** What an application under attack is told, as the JSON in its first argument. */
export interface OutsiderTask {
  uri: string;
  dbName: string;
  /** Whether it has a ledger; without one it refuses the same requests by itself. */
  hasLedger: boolean;
}

/** What it is asked: the processor time that it has taken so far, in microseconds, or to end and say what is left. */
export type Question = 'usage' | 'end';

/** What an attack has left. */
export interface Left {
  count: number;
  chains: number;
  heap: number;
}

/** The user who may see the trail: all others are outsiders. */
const AUDITOR = 'auditor';

/** An application that takes the tenant from the host name, as one does that has a subdomain for each. */
async function serve({ uri, dbName, hasLedger }: OutsiderTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const things = connection.collection('things');
  await things.insertOne({ name: 'thing' });
  const audit = createAudit({ connection });
  audit.on('error', () => undefined); // what is under way at its end is refused
  await audit.event({ tenantId: 'acme', action: 'a.b' });
  const app = express().set('trust proxy', true);
  const identify = (req: Request) => ({ actor: req.get('x-user'), tenantId: req.hostname });
  if (hasLedger) app.use(auditMiddleware({ audit, identify }));
  app.get('/own', async (_req, res) => void res.json(await things.findOne({})));
  app.get('/missing', (_req, res) => void res.status(404).type('text').send('Not found.'));
  if (hasLedger) {
    app.use(
      '/audit',
      auditRouter({
        audit,
        authorize: (req) => req.get('x-user') === AUDITOR,
        limits: { exportsPerMinute: 1 },
      }),
    );
    app.use('/collector', auditCollector({ audit }));
  }
  app.use((_req, res) => void res.status(401).type('text').send('Sign in.'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.({ port: (server.address() as AddressInfo).port });
  const end = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await audit.flush();
    const entries = connection.collection('audit_entries');
    const count = await entries.countDocuments({});
    const chains = (await entries.distinct('tenantId')).length;
    const heap = process.memoryUsage().heapUsed;
    await audit.close();
    await connection.close();
    process.send?.({ count, chains, heap } satisfies Left, () => process.disconnect());
  };
  process.on('message', (question: Question) => {
    if (question === 'usage') process.send?.(processorTime());
    else void end();
  });
}

void serve(JSON.parse(process.argv[2] ?? '') as OutsiderTask);
