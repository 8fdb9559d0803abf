import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Express from 'express';
import type * as Mongoose from 'mongoose';
import type * as Package from '../index';
import { processorTime } from './measure';

/** What a process is told at its start, as the JSON in its first argument. */
export interface CostTask {
  /** The folder of the build that is measured, with what it imports in a `node_modules` beside it. */
  dist: string;
  uri: string;
  dbName: string;
}

/** What it does when it is asked; `rest` when somebody else makes it work. */
export type CostWork = 'drafts' | 'unawaited' | 'awaited' | 'rest';

/** Events of one round. */
export const COUNTS = { drafts: 10_000, unawaited: 2_000, awaited: 300 } as const;

/** Events that are recorded before the next are. */
const GROUP = 1_000;

async function main({ dist, uri, dbName }: CostTask): Promise<void> {
  const load = createRequire(`${dist}/index.js`);
  const { auditMiddleware, createAudit } = load('./index.js') as typeof Package;
  const mongoose = load('mongoose') as typeof Mongoose;
  const express = load('express') as typeof Express.default;
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });

  let n = 0;
  const works: Record<CostWork, () => Promise<unknown>> = {
    drafts() {
      const batch = audit.batch();
      for (let i = 0; i < COUNTS.drafts; i++) batch.event(event(n++));
      return Promise.resolve();
    },
    async unawaited() {
      for (let i = 0; i < COUNTS.unawaited; i++) {
        void audit.event(event(n++));
        if (i % GROUP === GROUP - 1) await audit.flush();
      }
    },
    async awaited() {
      for (let i = 0; i < COUNTS.awaited; i++) await audit.event(event(n++));
    },
    rest: () => audit.flush(),
  };

  const app = express();
  app.get('/bare/:id', (_, res) => void res.json({ ok: true }));
  app.use(auditMiddleware({ audit, identify: () => ({ actor: 'user_7', tenantId: 'acme' }) }));
  app.use(express.json());
  const orgs = express.Router();
  orgs.get('/members/:id', (_, res) => void res.json({ ok: true }));
  orgs.get('/invites/:id', (req, res) => {
    const { action, resource, metadata } = event(n++);
    void req.audit({ action, resource, metadata });
    res.json({ ok: true });
  });
  app.use('/orgs/:org', orgs);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');

  process.on('message', (work: CostWork) => void works[work]().then(tell));
  process.on('disconnect', () => process.exit());
  process.send?.((server.address() as AddressInfo).port);
}

function tell(): void {
  process.send?.(processorTime());
}

function event(n: number): Package.AuditEvent {
  return {
    tenantId: 'acme',
    action: 'org.member.invite',
    actor: { id: `user_${n % 50}`, name: 'Ann Miller' },
    resource: { type: 'invite', id: `invite_${n}` },
    metadata: {
      role: 'member',
      email: `user${n}@example.com`,
      seats: n % 20,
      trial: n % 2 === 0,
      expiresAt: new Date(1.8e12 + n),
      teams: ['platform', 'billing'],
      plan: { id: '64f000000000000000000001', name: 'Business', price: 12.5 },
      note: 'Asked for by mail, see the ticket.',
    },
    context: { ipAddress: '203.0.113.9', method: 'POST', route: '/team/invites', statusCode: 201 },
  };
}

if (process.send) void main(JSON.parse(process.argv[2] ?? '') as CostTask);
