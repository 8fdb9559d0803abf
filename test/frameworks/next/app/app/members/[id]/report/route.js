import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../../../lib/audit.js';

export const GET = audited(async () => Response.json(await audit.event({ action: 'report.read' })), {
  audit,
  identify,
});
