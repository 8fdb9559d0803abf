import type { Router } from 'express';
import { type Audit, auditRouter } from 'express-audit-ledger';
import { isSupport } from '../auth';
import type { Models } from '../models';

/** Any customer's trail, for the vendor's support: they may look, not take away, and each look is in the customer's trail. */
export function supportRouter({ User }: Models, audit: Audit): Router {
  return auditRouter({
    audit,
    // What the customer's trail says of who looked.
    identify: ({ user }) => ({ actor: user && { id: user.id, type: 'support' }, tenantId: user?.tenantId }),
    tenant: async (req) => {
      const { tenantId } = req.params as { tenantId: string };
      // Not a name that somebody made up, nor the ledger's own.
      return (await User.exists({ tenantId })) ? tenantId : undefined;
    },
    authorize: (req, permission) => isSupport(req.user) && permission !== 'export',
    recordAccess: 'all',
  });
}
