import { audited, createAudit, type Handler } from 'express-audit-ledger/next';
import { userOf } from './session';

export const auditLog = createAudit({
  actions: [
    'auth.login',
    'auth.logout',
    'auth.unauthorized_access',
    'org.member.invite',
    'org.member.remove',
  ],
});

/** Who is behind a request. */
export async function identify(request: Request) {
  const user = await userOf(request.headers.get('cookie'));
  return user && { actor: { id: user.id, name: user.name, type: 'user' as const }, tenantId: user.tenantId };
}

/** A handler or an action whose events have their actor and tenant, and whose refusals are recorded. */
export const withAudit = <Wrapped extends Handler>(handler: Wrapped) =>
  audited(handler, { audit: auditLog, identify });
