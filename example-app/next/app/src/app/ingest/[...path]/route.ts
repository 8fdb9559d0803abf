import { auditCollector, toNextHandler } from 'express-audit-ledger/next';
import { auditLog } from '../../../lib/audit';

/** Takes events from what holds no database, such as the middleware on Edge. */
export const { GET, POST } = toNextHandler(auditCollector({ audit: auditLog }));
