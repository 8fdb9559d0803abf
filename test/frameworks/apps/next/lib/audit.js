import { audited, createAudit } from 'express-audit-ledger/next';

export const audit = createAudit();
export const second = createAudit({ collections: 'second' });

/** Who is signed in: of a session in cookies, as an application has it, here of two headers. */
export async function currentUser(request) {
  await null;
  const id = request.headers.get('x-user');
  return id ? { id, tenantId: request.headers.get('x-tenant') } : null;
}

export async function identify(request) {
  const user = await currentUser(request);
  return user && { actor: user.id, tenantId: user.tenantId };
}

/** `next start` adds the address of the connection where no proxy has named one. */
const clientIp = { trustedHops: 1 };

export const route = (handler) => audited(handler, { audit, identify, clientIp });
export const secondRoute = (handler) => audited(handler, { audit: second, identify, clientIp });
