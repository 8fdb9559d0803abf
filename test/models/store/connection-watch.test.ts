import { createConnection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
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

describe('a ledger that is made on a connection', () => {
  // Mongoose waits for the next heartbeat, which the driver sends every 10 s.
  const heartbeatFrequencyMS = 500;
  const open = async () =>
    createConnection(sharedDatabaseUri(), {
      dbName: `made_${Date.now()}`,
      heartbeatFrequencyMS,
    }).asPromise();

  it('starts, though the last heartbeat is so old that Mongoose takes it for lost', async () => {
    const connection = await open();
    Object.assign(connection, { _lastHeartbeatAt: 1 }); // as in a process that was frozen
    expect(connection.readyState).toBe(0);
    const audit = createAudit({ connection });
    await expect(audit.event({ tenantId: 't', action: 'a.b' })).resolves.toMatchObject({ seq: 1 });
    await until(async () => (await audit.list({ tenantId: 'system' })).length > 0, 'the ledger has started');
    await audit.close();
    await connection.dropDatabase();
    await connection.close();
  });

  it('that was closed before says so, and starts when it is opened again', async () => {
    const connection = await open();
    const { name } = connection;
    await connection.close();
    const audit = createAudit({ connection });
    await expect(audit.list({ tenantId: 't' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await connection.openUri(sharedDatabaseUri(), { dbName: name });
    await until(async () => (await audit.list({ tenantId: 'system' })).length > 0, 'the ledger has started');
    await audit.close();
    await connection.dropDatabase();
    await connection.close();
  });
});
