import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { storeChain } from '../../support/ready-chain';
import { reportOf } from '../../support/report-of';
import { sized } from '../../support/sized';
import type { VerifyReport } from '../../support/verify-process';

const ENTRIES = sized(6_000, 50_000);
const MEGABYTE = 1024 * 1024;
/** All of them together take far more memory than a verification may. */
const metadata = { padding: 'x'.repeat(4_000) };

describe(`when a chain has ${ENTRIES} entries`, () => {
  it('is verified with no more memory than a small one', async () => {
    const connection = await connect();
    await storeChain(connection, 'small', 1_000, () => ({ metadata }));
    await storeChain(connection, 'large', ENTRIES, () => ({ metadata }));

    const { report, growth, measured } = await reportOf<VerifyReport>('test/support/verify-process.ts', [
      sharedDatabaseUri(),
      connection.name,
      'small',
      'large',
    ]);
    expect(report).toMatchObject({ verdict: 'intact', size: ENTRIES });
    expect(measured).toBeGreaterThan(10);
    expect(growth).toBeLessThan(10 * MEGABYTE);
  });
});
