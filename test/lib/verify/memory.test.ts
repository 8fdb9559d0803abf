import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createAudit, type VerificationReport } from '../../../index';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

const ENTRIES = 50_000;
const PORTION = 10_000;
const MEGABYTE = 1024 * 1024;

// Recording what is to be verified takes most of it.
jest.setTimeout(180_000);

describe(`when a chain has ${ENTRIES} entries`, () => {
  it('is verified with less than 50 MB more memory than a small one', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    await record('small', PORTION);
    for (let start = 0; start < ENTRIES; start += PORTION) await record('large', PORTION);

    const arguments_ = [sharedDatabaseUri(), connection.name, 'small', 'large'];
    const program = join(__dirname, '../../support/verify-process.ts');
    const child = fork(program, arguments_, { execArgv: ['--import', 'tsx'] });
    const [answer] = (await once(child, 'message')) as [{ report: VerificationReport; growth: number }];
    expect(answer.report).toMatchObject({ verdict: 'intact', size: ENTRIES });
    expect(answer.growth).toBeLessThan(50 * MEGABYTE);

    async function record(tenantId: string, count: number): Promise<void> {
      const batch = audit.batch();
      for (let n = 0; n < count; n++) {
        batch.event({
          tenantId,
          action: 'org.member.invite',
          resource: `invite_${n}`,
          metadata: { n, role: 'member' },
        });
      }
      await batch.commit();
    }
  });
});
