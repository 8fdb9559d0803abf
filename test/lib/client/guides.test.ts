import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, createClient } from '../../../client';
import { verifyEvidence } from '../../../index';
import { atEnd } from '../../support/at-end';
import { collecting } from '../../support/collecting';
import { LEDGER, newKey, vkeyOf } from '../../support/signing';

/** What guides write with a ledger of their own, word by word; `auditLog` alone is made otherwise. */
async function asGuidesSay(auditLog: AuditLog, file: string): Promise<unknown> {
  await auditLog.event({
    action: 'org.member.invite',
    actor: 'user_123',
    tenantId: 'org_456',
    resource: 'invite_789',
    metadata: { email: 'jane@example.com', role: 'member' },
  });

  const batch = auditLog.batch();
  for (const contact of ['contact_1', 'contact_2'])
    batch.event({ action: 'contact.import', actor: 'user_123', tenantId: 'org_456', resource: contact });
  await batch.commit();

  const events = await auditLog.list({
    tenantId: 'org_456',
    actor: 'user_123',
    action: 'contact.import',
    from: '2020-01-01',
    limit: 50,
  });

  const evidence = await auditLog.exportEvidence({
    tenantId: 'org_456',
    startDate: '2020-01-01',
    format: 'csv',
    includeChainProof: true,
  });
  await writeFile(file, evidence);
  return events.map(({ action, actor, resource, outcome }) => ({ action, actor, resource, outcome }));
}

it('what guides write for a ledger runs with a client, unchanged but for the line that makes it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'audit-guides-'));
  atEnd(() => rm(directory, { recursive: true }));
  const signingKey = newKey();
  const ledgers = await Promise.all([1, 2].map(() => collecting({ ledger: { ledger: LEDGER, signingKey } })));
  const [here, there] = ledgers as [(typeof ledgers)[0], (typeof ledgers)[0]];
  const apiKey = await there.newKey({ scopes: ['write', 'read', 'export'], tenants: ['org_456'] });
  const client = createClient({ url: there.url, apiKey });
  const files = [join(directory, 'here.csv'), join(directory, 'there.csv')];

  const seen = [await asGuidesSay(here.audit, files[0]!), await asGuidesSay(client, files[1]!)];

  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]).toHaveLength(2);
  for (const file of files) {
    const report = await verifyEvidence(createReadStream(file), { keys: [vkeyOf(signingKey, 'org_456')] });
    expect(report).toMatchObject({ verdict: 'intact' });
  }
  await client.close();
});
