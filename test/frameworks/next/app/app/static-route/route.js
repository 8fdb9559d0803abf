import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../lib/audit.js';

export const dynamic = 'force-static';
export const GET = audited(() => Response.json({}, { status: 403 }), { audit, identify });
