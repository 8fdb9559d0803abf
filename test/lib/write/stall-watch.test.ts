import { createConnection } from 'mongoose';
import { type Audit, type AuditError, createAudit } from '../../../index';
import { StallWatch } from '../../../lib/write/stall-watch';
import { connect } from '../../support/connection';
import { eventually } from '../../support/eventually';
import { holdable } from '../../support/stalling';

describe('a database that hangs', () => {
  it('is an alarm within seconds, has an age, ends the wait of who awaits, and loses nothing', async () => {
    const server = await connect();
    const held = await holdable(server);
    const connection = await createConnection(held.uri, { dbName: server.name }).asPromise();
    const audit: Audit = createAudit({ connection, timeoutMs: 300 });
    const errors: AuditError[] = [];
    const recorded: string[] = [];
    audit.on('error', (error) => errors.push(error)).on('recorded', ({ action }) => recorded.push(action));
    void audit.event({ tenantId: 't', action: 'before' }); // a fresh database may take longer than the limit
    await audit.flush();
    expect(audit.stats().oldestWaitingMs).toBe(0);
    held.hold();
    await expect(audit.event({ tenantId: 't', action: 'awaited' })).rejects.toMatchObject({
      code: 'RECORDING_TIMEOUT',
    });
    expect(errors).toEqual([]); // its caller knows
    expect(audit.stats().oldestWaitingMs).toBeGreaterThanOrEqual(290);
    await eventually(() => expect(errors.map(({ code }) => code)).toEqual(['RECORDING_STALLED']));
    expect(audit.stats().oldestWaitingMs).toBeGreaterThanOrEqual(4_000);
    held.release();
    await audit.flush();
    expect(recorded).toEqual(['before', 'awaited']);
    expect(audit.stats().oldestWaitingMs).toBe(0);
    await eventually(async () => {
      const told = await audit.list({ tenantId: 'system', action: ['ledger.failure', 'ledger.resumed'] });
      expect(told.map(({ metadata }) => (metadata as { code: string }).code)).toEqual([
        ...['RECORDING_STALLED', 'RECORDING_STALLED'],
      ]);
    });
    await audit.close();
    await connection.close();
  });
});

describe('StallWatch', () => {
  const told: string[] = [];
  let waiting = 0;
  const watch = () =>
    new StallWatch({ waiting: () => waiting, stalled: ({ message }) => told.push(message) }, 5);
  beforeEach(() => told.splice(0));

  it('says nothing where nothing waits', async () => {
    waiting = 0;
    const own = watch();
    own.begin(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([]);
    own.stop();
  });

  it('says nothing when something begins to wait long after something else has ended', async () => {
    let looks = 0;
    const own = new StallWatch({ waiting: () => (looks++, waiting), stalled: () => told.push('x') }, 500);
    waiting = 1;
    own.begin(true);
    // Each event comes right before a look that would be one too many if it were counted on from the one before.
    await eventually(() => expect(looks).toBeGreaterThanOrEqual(4));
    own.begin(true);
    const before = looks;
    await eventually(() => expect(looks).toBeGreaterThanOrEqual(before + 3));
    expect(told).toEqual([]);
    own.stop();
  });

  it('does not count the time in which this process stood still', async () => {
    const own = new StallWatch({ waiting: () => waiting, stalled: () => told.push('x') }, 200);
    waiting = 1;
    own.begin(true);
    const end = performance.now() + 500;
    while (performance.now() < end); // as one that was suspended
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(told).toEqual([]);
    own.stop();
  });

  it('says how many wait, until something ends', async () => {
    waiting = 3;
    const own = watch();
    own.begin(true);
    await eventually(() => expect(told).not.toEqual([]));
    expect(told[0]).toMatch(/^3 events wait, and none was recorded for 0\.005 s/);
    waiting = 0;
    own.progress();
    own.stop();
  });
});
