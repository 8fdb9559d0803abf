import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../lib/audit.js';

export const GET = audited(
  () => {
    let left = 500;
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (left-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(1000));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/csv' } });
  },
  { audit, identify },
);
