import { Hono } from 'hono';
import { auditMiddleware, auditRouter, type AuditVariables } from '../../../middleware/hono';
import { memoryLedger } from '../../support/memory-ledger';

const { audit } = memoryLedger();
const identify = () => ({ actor: 'ada', tenantId: 'acme' });

async function sessionOf(app: Hono<{ Variables: AuditVariables }>): Promise<unknown> {
  return (await app.request('/audit/session')).json();
}

describe('the trail of Hono', () => {
  it('knows its reader as the middleware does', async () => {
    const app = new Hono<{ Variables: AuditVariables }>();
    app.use(auditMiddleware({ audit, identify }));
    app.route('/audit', auditRouter({ audit }));
    expect(await sessionOf(app)).toMatchObject({
      tenantId: 'acme',
      permissions: ['read', 'export', 'verify'],
    });
  });

  it('asks its own function before that of the middleware', async () => {
    const app = new Hono<{ Variables: AuditVariables }>();
    app.use(auditMiddleware({ audit, identify }));
    app.route('/audit', auditRouter({ audit, identify: () => ({ actor: 'bob', tenantId: 'other' }) }));
    expect(await sessionOf(app)).toMatchObject({ tenantId: 'other' });
  });

  it('looks where Hono’s own middleware leaves a user, without any function', async () => {
    const app = new Hono<{ Variables: AuditVariables & { user?: object } }>();
    app.use(async (c, next) => {
      c.set('user', { id: 'ada', tenantId: 'acme' });
      await next();
    });
    app.route('/audit', auditRouter({ audit }));
    const answer = await app.request('/audit/session');
    expect(await answer.json()).toMatchObject({ tenantId: 'acme' });
  });
});
