'use server';

import fs from 'node:fs/promises';
import { audited } from 'express-audit-ledger/next';
import { audit as auditLog, identify } from '../../lib/audit.js';

const withAudit = (action) => audited(action, { audit: auditLog, identify });

export const inviteUser = withAudit(async (form) => {
  await auditLog.event({
    action: 'org.member.invite',
    actor: 'ada',
    tenantId: 'acme',
    resource: 'invite_1',
    metadata: { email: form.get('email'), role: 'member' },
  });
});

export const importContacts = withAudit(async () => {
  const batch = auditLog.batch();
  for (const id of ['contact_1', 'contact_2'])
    batch.event({ action: 'contact.import', actor: 'ada', tenantId: 'acme', resource: id });
  await batch.commit();
});

export const exportTrail = withAudit(async () => {
  const events = await auditLog.list({
    tenantId: 'acme',
    actor: 'ada',
    action: 'contact.import',
    from: '2020-01-01',
    limit: 1,
  });
  const evidence = await auditLog.exportEvidence({
    tenantId: 'acme',
    startDate: '2020-01-01',
    format: 'csv',
    includeChainProof: true,
  });
  await fs.writeFile('evidence.csv', evidence);
  await auditLog.event({
    action: 'contact.listed',
    metadata: { ids: events.map((entry) => entry.resource) },
  });
});
