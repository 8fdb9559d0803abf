// Compiled with the types of Koa and of nothing else: what the binding adds to them.
import { createAudit, type Receipt } from 'express-audit-ledger';
import {
  type AuditContext,
  auditMiddleware,
  auditRoutes,
  type CaptureOptions,
  type Identify,
} from 'express-audit-ledger/koa';
import Koa from 'koa';

const audit = createAudit();
const identify: Identify = (ctx) => ({ actor: ctx.ip, tenantId: 'acme' });
const capture: CaptureOptions = { requests: (ctx) => ctx.status > 399 };

export const app = new Koa();
app.use(auditMiddleware({ audit, identify, capture }));
app.use(async (ctx, next) => {
  const receipt: Receipt = await ctx.audit({ action: 'thing.read' });
  // @ts-expect-error an event needs an action
  await ctx.audit({ resource: receipt.id });
  await next();
});
app.use(auditRoutes({ audit, prefix: '/audit', authorize: (ctx) => ctx.secure }));

export const own = new Koa<{ user?: string }, AuditContext>();
own.use(auditMiddleware({ audit }));
own.use(async (ctx) => {
  ctx.body = await ctx.audit({ action: 'thing.read', resource: ctx.state.user ?? 'nobody' });
});
// @ts-expect-error an option that there is not
own.use(auditMiddleware({ audits: audit }));
