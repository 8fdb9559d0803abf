import type { Connection, mongo } from 'mongoose';
import { BSON } from 'bson';
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import type * as Public from '../index';
import { newKey } from '../test/support/signing';

const { createAudit } = createRequire(__filename)('../dist/index.js') as typeof Public;

/** Entries of each kind, in one chain each. */
const ENTRIES = 5_120;

const CONTEXT = { ipAddress: '203.0.113.9', method: 'POST', route: '/orgs/:id/members', statusCode: 200 };
const ROLE = { role: 'member', teams: ['sales', 'support'], active: true, note: 'x'.repeat(150) };

/** Events as applications record them. */
const KINDS = {
  small: {},
  usual: { context: CONTEXT, metadata: { role: 'admin', invitedBy: 'user_4711', reason: 'new colleague' } },
  large: {
    context: CONTEXT,
    metadata: { ticket: 'T-4711' },
    before: ROLE,
    after: { ...ROLE, role: 'admin' },
  },
};

/** What grows with what: bytes of entries with their indexes, of tiles and checkpoints, and what reading a chain costs. */
export async function benchSizes(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const audit = createAudit({ connection, ledger: 'audit.example.com', signingKey: newKey() });
  console.log(`\nBytes, of ${ENTRIES} entries of each kind`);
  for (const [tenantId, more] of Object.entries(KINDS)) {
    const recorded = await seconds(() => record(audit, tenantId, more));
    await audit.checkpoint(tenantId);
    let bytes = 0;
    const exported = await seconds(async () => {
      bytes = (await text(await audit.exportEvidence({ tenantId, format: 'jsonl' }))).length;
    });
    const verified = await seconds(() => audit.verify({ tenantId }));
    const entries = await documents(connection, 'audit_entries', { tenantId });
    console.log(
      `  ${tenantId}: document ${mean(entries.map(sizeOf))}, keys of its indexes ${mean(entries.map(keysOf))}; ` +
        `exported ${Math.round(bytes / ENTRIES)}; a second: recorded ${rate(recorded)}, exported ${rate(exported)}, ` +
        `verified ${rate(verified)}`,
    );
  }
  await audit.close();
  for (const name of ['audit_tiles', 'audit_checkpoints']) {
    const all = await documents(connection, name, {});
    console.log(`  ${name}: ${all.length} documents of ${mean(all.map(sizeOf))}`);
  }
  const statements = await documents(connection, 'audit_entries', { action: 'ledger.checkpoint' });
  console.log(`  an entry of the chain system for each checkpoint: ${mean(statements.map(sizeOf))}`);
  await connection.dropDatabase();
}

async function record(audit: Public.Audit, tenantId: string, more: object): Promise<void> {
  const batch = audit.batch();
  for (let n = 0; n < ENTRIES; n++)
    batch.event({
      tenantId,
      action: 'org.member.invite',
      actor: `user_${n % 50}`,
      resource: `member_${n}`,
      ...more,
    });
  await batch.commit();
}

async function documents({ db }: Connection, name: string, filter: object): Promise<BSON.Document[]> {
  return db!.collection(name).find(filter, { promoteValues: false }).toArray();
}

function sizeOf(document: mongo.BSON.Document): number {
  return BSON.calculateObjectSize(document);
}

/** The values that its seven indexes hold of an entry: the tenant and the number six times, the others once. */
function keysOf(document: mongo.BSON.Document): number {
  const length = (name: string) => String(document[name] ?? '').length;
  const [tenant, number, instant] = [length('tenantId'), 8, 8];
  const others = ['_id', 'actor', 'action', 'resource', 'outcome'].map(length);
  return 6 * (tenant + number) + instant + others.reduce((sum, each) => sum + each, 0);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

const mean = (values: number[]) => Math.round(values.reduce((sum, each) => sum + each, 0) / values.length);
const rate = (time: number) => Math.round(ENTRIES / time);
