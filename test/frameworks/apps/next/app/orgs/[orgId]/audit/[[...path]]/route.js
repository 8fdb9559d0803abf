import { auditRouter, toNextHandler } from 'express-audit-ledger/next';
import { audit, identify } from '../../../../../lib/audit.js';

const router = auditRouter({ audit, identify, tenant: (_request, { params }) => params.orgId });

export const { GET, HEAD } = toNextHandler(router);
