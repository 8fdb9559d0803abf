// Compiled with the types of Fastify and of nothing else: what the binding adds to them.
import { createAudit, type Receipt } from 'express-audit-ledger';
import { auditPlugin, auditRoutes, type CaptureOptions, type Identify } from 'express-audit-ledger/fastify';
import Fastify from 'fastify';

const audit = createAudit();
const identify: Identify = (request) => ({ actor: request.ip, tenantId: 'acme' });
const capture: CaptureOptions = { requests: (request, reply) => reply.statusCode > 399 || request.is404 };

export const app = Fastify();
await app.register(auditPlugin, { audit, identify, capture });
await app.register(auditRoutes, { prefix: '/audit', audit, authorize: async (request) => !request.is404 });
app.get<{ Params: { id: string } }>('/things/:id', async (request): Promise<Receipt> => {
  // @ts-expect-error an event needs an action
  await request.audit({ resource: request.params.id });
  return request.audit({ action: 'thing.read', resource: request.params.id });
});
// @ts-expect-error an option that there is not
await app.register(auditPlugin, { audits: audit });
