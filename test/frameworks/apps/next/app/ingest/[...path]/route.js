import { auditCollector, toNextHandler } from 'express-audit-ledger/next';
import { audit } from '../../../lib/audit.js';

export const { GET, HEAD, POST } = toNextHandler(auditCollector({ audit }));
