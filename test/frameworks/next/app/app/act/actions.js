'use server';

import { forbidden, notFound, redirect, unauthorized } from 'next/navigation';
import { after } from 'next/server';
import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../lib/audit.js';

const act = (action) => audited(action, { audit, identify });

export const act1 = act(async (form) => {
  const what = String(form.get('what'));
  if (what === 'unauthorized') unauthorized();
  if (what === 'forbidden') forbidden();
  if (what === 'redirect') redirect('/list');
  if (what === 'missing') notFound();
  if (what === 'boom') throw new Error('boom');
  if (what === 'inner') return inner('inner.called');
  if (what === 'after')
    after(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await audit.event({ action: 'action.after' });
    });
  if (what === 'unawaited') void audit.event({ action: 'action.unawaited' });
  else await audit.event({ action: 'action.called', metadata: { what } });
});

export const inner = act(async (action) => {
  await audit.event({ action });
});
