import { createAudit } from '../../../index';
import { record } from '../../support/chain';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { reportOf } from '../../support/report-of';
import type { VerifyReport } from '../../support/verify-process';

/** AUDIT_TEST_ENTRIES=50000 for a long run. */
const ENTRIES = Number(process.env['AUDIT_TEST_ENTRIES'] ?? 15_000);
const MEGABYTE = 1024 * 1024;

// Recording what is to be verified takes most of it.
jest.setTimeout(60_000 + ENTRIES * 10);

describe(`when a chain has ${ENTRIES} entries`, () => {
  it('is verified with no more memory than a small one', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    await record(audit, 'small', 2_000);
    await record(audit, 'large', ENTRIES);

    const { report, growth, measured } = await reportOf<VerifyReport>('test/support/verify-process.ts', [
      sharedDatabaseUri(),
      connection.name,
      'small',
      'large',
    ]);
    expect(report).toMatchObject({ verdict: 'intact', size: ENTRIES });
    expect(measured).toBeGreaterThan(20);
    expect(growth).toBeLessThan(2 * MEGABYTE);
    await audit.close();
  });
});
