import mongoose, { type Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { Gathering } from '../../../lib/write/gathering';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

// The ledger's timers are real wherever tests fake them. Here they are the ones that are faked.
jest.mock<object>('../../../lib/real-timers', () => ({
  setTimeout: (call: () => void, delay: number) => globalThis.setTimeout(call, delay),
  clearTimeout: (timer: NodeJS.Timeout) => globalThis.clearTimeout(timer),
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
}));

const event = { tenantId: 't', action: 'a.b' };

/** Stops the timers that begin from now on, so that a slow machine changes nothing. */
function stopTimers(): void {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
  });
}

describe('the group commit delay', () => {
  beforeEach(stopTimers);
  afterEach(() => void jest.useRealTimers());

  /** Whether somebody still waits after so many milliseconds. */
  async function waitsAfter(gathering: Gathering, milliseconds: number): Promise<boolean> {
    let waits = true;
    void gathering.wait().then(() => (waits = false));
    await jest.advanceTimersByTimeAsync(milliseconds);
    return waits;
  }

  it('lasts 100 ms', async () => {
    expect(await waitsAfter(new Gathering(), 99)).toBe(true);
    expect(await waitsAfter(new Gathering(), 100)).toBe(false);
  });

  it('is ended before it begins, or while it runs', async () => {
    const gathering = new Gathering();
    gathering.end();
    expect(await waitsAfter(gathering, 0)).toBe(false);
    const waiting = gathering.wait();
    gathering.end();
    await waiting;
  });

  it('lasts 100 ms again after one that was ended', async () => {
    const gathering = new Gathering();
    gathering.end();
    await gathering.wait();
    expect(await waitsAfter(gathering, 99)).toBe(true);
  });
});

describe('events that nobody awaits', () => {
  let connection: Connection;
  let audit: Audit;
  /** How many entries of the tenant each insert had. */
  let inserts: number[];

  beforeEach(async () => {
    const { name } = await connect();
    const options = { dbName: name, monitorCommands: true };
    connection = await mongoose.createConnection(sharedDatabaseUri(), options).asPromise();
    audit = createAudit({ connection });
    await audit.event(event);
    inserts = [];
    connection.getClient().on('commandStarted', ({ command }) => {
      const documents = command['documents'] as { tenantId: string }[] | undefined;
      if (command['insert'] === 'audit_entries' && documents?.[0]?.tenantId === 't')
        inserts.push(documents.length);
    });
  });
  afterEach(async () => {
    await audit.close();
    await connection.close();
  });

  async function recorded(count: number): Promise<void> {
    let left = count;
    await new Promise<void>((resolve) => audit.on('recorded', () => --left === 0 && resolve()));
  }

  it('gather into one insert though they come one after another', async () => {
    const all = recorded(5);
    stopTimers();
    for (let n = 0; n < 5; n++) {
      void audit.event(event);
      await new Promise(setImmediate);
    }
    jest.advanceTimersByTime(100);
    jest.useRealTimers();
    await all;
    expect(inserts).toEqual([5]);
  });

  it('are recorded without anybody in a hurry', async () => {
    const one = recorded(1);
    void audit.event(event);
    await one;
    expect(inserts).toEqual([1]);
  });

  it('are taken along by the next that somebody awaits', async () => {
    void audit.event(event);
    void audit.event(event);
    const { seq } = await audit.event(event);
    expect(seq).toBe(4);
    expect(inserts).toEqual([3]);
  });
});
