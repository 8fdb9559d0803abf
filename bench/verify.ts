import type { Connection } from 'mongoose';
import { createAudit } from './built';
import { ENTRIES } from '../models/append-only/audit-entry';
import { compare, perSecond } from './measure';

const ENTRIES_IN_CHAIN = 100_000;
const PORTION = 10_000;

/** Verifying a chain of 100,000 entries, against a cursor that only reads it; and what it adds to the heap. */
export async function benchVerification(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const audit = createAudit({ connection });
  for (let start = 0; start < ENTRIES_IN_CHAIN; start += PORTION) {
    const batch = audit.batch();
    for (let n = start; n < start + PORTION; n++) {
      const metadata = { n, role: 'member', email: `user${n}@example.com` };
      batch.event({
        tenantId: 'acme',
        action: 'org.member.invite',
        actor: `user_${n % 50}`,
        resource: `invite_${n}`,
        metadata,
      });
    }
    await batch.commit();
  }
  await compare(`Verifying ${ENTRIES_IN_CHAIN} entries`, 'entries/s', 5, [
    {
      name: 'cursor that reads them',
      run: () =>
        perSecond(ENTRIES_IN_CHAIN, async () => {
          const cursor = connection.db!.collection(ENTRIES).find({ tenantId: 'acme' }).sort({ seq: 1 });
          while (await cursor.next());
        }),
    },
    { name: 'verify()', run: () => perSecond(ENTRIES_IN_CHAIN, () => audit.verify({ tenantId: 'acme' })) },
  ]);
  await connection.dropDatabase();
}
