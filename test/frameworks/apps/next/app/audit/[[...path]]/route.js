import { auditRouter, toNextHandler } from 'express-audit-ledger/next';
import { audit, identify } from '../../../lib/audit.js';

export const { GET, HEAD } = toNextHandler(auditRouter({ audit, identify, clientIp: { trustedHops: 1 } }));
