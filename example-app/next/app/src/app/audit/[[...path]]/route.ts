import { auditRouter, toNextHandler } from 'express-audit-ledger/next';
import { auditLog, identify } from '../../../lib/audit';

export const { GET, HEAD } = toNextHandler(auditRouter({ audit: auditLog, identify }));
