import { after } from 'next/server';
import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../lib/audit.js';

export const GET = audited(
  () => {
    after(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await audit.event({ action: 'after.ran' });
    });
    return Response.json({});
  },
  { audit, identify },
);
