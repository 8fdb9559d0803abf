import { generateKeyPairSync } from 'node:crypto';
import { type AuditClient, createClient, isReceiptOf, pinCheckpoint } from '../../../client';
import { ledgerOf } from '../../../lib/audit';
import { type Collecting, collecting } from '../../support/collecting';

const signingKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

describe('pinCheckpoint', () => {
  let collector: Collecting;
  let client: AuditClient;
  let keys: string[];

  beforeEach(async () => {
    collector = await collecting({ ledger: { ledger: 'audit.example.com', signingKey: signingKey() } });
    const apiKey = await collector.newKey({ scopes: ['write', 'read', 'verify', 'export'], tenants: 'any' });
    client = createClient({ url: collector.url, apiKey });
    await client.event({ action: 'a.b', tenantId: 'acme' });
    keys = [ledgerOf(collector.audit).proofs.signer('acme').verifierKey!];
  });
  afterEach(() => client.close());

  it('gives the newest checkpoint, signed by a key that is known, and none where there is none', async () => {
    expect(await pinCheckpoint(client, { tenantId: 'acme', keys })).toBeNull();
    const note = await collector.audit.checkpoint('acme');
    expect(await pinCheckpoint(client, { tenantId: 'acme', keys })).toBe(note);
    await client.event({ action: 'a.b', tenantId: 'acme' });
    const newer = await collector.audit.checkpoint('acme');
    expect(await pinCheckpoint(client, { tenantId: 'acme', keys, pinned: note })).toBe(newer);
  });

  it('refuses one that another key signed, or of another tenant', async () => {
    await collector.audit.checkpoint('acme');
    const other = await collecting({ ledger: { ledger: 'audit.example.com', signingKey: signingKey() } });
    const foreign = { tenantId: 'acme', keys: [ledgerOf(other.audit).proofs.signer('acme').verifierKey!] };
    await expect(pinCheckpoint(client, foreign)).rejects.toMatchObject({ code: 'CHECKPOINT_UNREADABLE' });
    const note = await collector.audit.checkpoint('acme');
    const beta = { newestCheckpoint: () => Promise.resolve(note) };
    await expect(pinCheckpoint(beta, { tenantId: 'beta' })).rejects.toMatchObject({
      code: 'CHECKPOINT_UNREADABLE',
    });
  });

  it('tells that the tree has shrunk, is another, or is gone', async () => {
    const small = await collector.audit.checkpoint('acme');
    await client.event({ action: 'a.b', tenantId: 'acme' });
    const pinned = await collector.audit.checkpoint('acme');
    const gone = { code: 'CHECKPOINT_CONTRADICTED' };
    for (const now of [small, null, pinned.replace(/\n2\n../, '\n2\nAA')]) {
      const lying = { newestCheckpoint: () => Promise.resolve(now) };
      await expect(pinCheckpoint(lying, { tenantId: 'acme', pinned })).rejects.toMatchObject(gone);
    }
  });
});

it('isReceiptOf computes the hash again', async () => {
  const collector = await collecting();
  await collector.audit.event({ action: 'a.b', tenantId: 'acme', metadata: { n: 1 } });
  const [entry] = await collector.chain('acme');
  const { id, tenantId, seq, hash, recordedAt } = entry!;
  const receipt = { id, tenantId, seq, hash, recordedAt };
  expect(isReceiptOf(receipt, entry!)).toBe(true);
  expect(isReceiptOf(receipt, { ...entry!, metadata: { n: 2 } })).toBe(false);
  expect(isReceiptOf({ ...receipt, seq: 2 }, entry!)).toBe(false);
  expect(isReceiptOf(receipt, { ...entry!, metadata: { n: NaN } })).toBe(false);
});
