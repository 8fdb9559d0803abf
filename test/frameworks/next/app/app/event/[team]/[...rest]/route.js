import { audited } from 'express-audit-ledger/next';
import { identify, audit } from '../../../../lib/audit.js';

// Without a ledger of its own: that of mongoose's connection.
export const GET = audited(async () => Response.json(await audit.event({ action: 'thing.read' })), {
  identify,
});
export const POST = GET;
