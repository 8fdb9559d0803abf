import { createConnection } from 'mongoose';
import { createAudit } from '../../../index';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';

describe('when the application closes the connection before the ledger', () => {
  it('keeps what waits from opening it again, and says what is wrong', async () => {
    const connection = await createConnection(sharedDatabaseUri(), {
      dbName: `closed_${Date.now()}`,
    }).asPromise();
    const audit = createAudit({ connection });
    await audit.event({ tenantId: 't', action: 'a.b' });
    // What is under way when the connection closes fails with another error, and that one would come first.
    await until(async () => (await audit.list({ tenantId: 'system' })).length > 0, 'the ledger has started');
    await connection.dropDatabase();
    await connection.close();
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    const waiting = audit.event({ tenantId: 't', action: 'a.b' }).catch((error: unknown) => error);
    await new Promise<void>((resolve) =>
      audit.on('retry', ({ tenantId }) => {
        if (tenantId === 't') resolve();
      }),
    );
    await expect(audit.close({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    expect(errors[0]!.message).toContain('close the ledger before the connection');
    expect(connection.readyState).toBe(0);
  });
});
