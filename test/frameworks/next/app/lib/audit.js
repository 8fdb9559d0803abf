import { createAudit } from 'express-audit-ledger/next';

// A comment that a programmer edits: 0.
export const audit = createAudit({ ledger: 'next.example' });

export async function identify(request) {
  await null;
  const user = /(?:^|; )user=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return user ? { actor: user, tenantId: 'acme' } : null;
}
