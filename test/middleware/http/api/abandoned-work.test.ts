import { connect as openSocket } from 'node:net';
import express, { type Request } from 'express';
import { createConnection } from 'mongoose';
import { auditRouter } from '../../../../index';
import { ledgerOf } from '../../../../lib/audit';
import { connect } from '../../../support/connection';
import { sharedDatabaseUri } from '../../../support/database';
import { until } from '../../../support/deadline';
import { serve } from '../../../support/served';
import { testLedger } from '../../../support/served-ledger';

const BUCKETS = 200;

interface Command {
  maxTimeMS?: number;
}

describe('work that many ask for, or that nobody waits for any more', () => {
  /** A trail of few entries, and the commands by which it is read. */
  async function setUp() {
    const { name } = await connect();
    const connection = createConnection(sharedDatabaseUri(), { dbName: name, monitorCommands: true });
    await connection.asPromise();
    const ledger = testLedger(connection);
    const { audit } = ledger;
    const batch = audit.batch();
    for (let n = 0; n < 400; n++) batch.event({ tenantId: 'acme', action: 'a', actor: `u${n % 3}` });
    await batch.commit();
    const started: Command[] = [];
    const under = { way: 0 };
    let told = (): void => undefined;
    const client = connection.getClient();
    client.on('commandStarted', ({ commandName, command }) => {
      if (!['find', 'aggregate', 'getMore'].includes(commandName)) return;
      under.way++;
      started.push(command);
      told();
    });
    for (const end of ['commandSucceeded', 'commandFailed'] as const)
      client.on(end, ({ commandName }: { commandName: string }) => {
        if (['find', 'aggregate', 'getMore'].includes(commandName)) under.way--;
      });
    const app = express();
    app.set('env', 'test');
    let arrived = 0;
    app.use((_req, _res, next) => {
      arrived++;
      next();
    });
    const identify = (req: Request) => ({ actor: req.get('x-user') ?? 'eve', tenantId: 'acme' });
    app.use('/audit', auditRouter({ audit, identify }));
    const served = await serve(app);
    const first = new Promise<void>((resolve) => (told = resolve));
    /** Sends a request each; gives how many were answered so far, and what goes away. */
    const ask = (paths: string[], user: (n: number) => string) => {
      let answered = 0;
      const sockets = paths.map((path, n) => {
        const socket = openSocket(served.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.once('data', () => answered++);
        socket.write(`GET /audit${path} HTTP/1.1\r\nHost: x\r\nX-User: ${user(n)}\r\n\r\n`);
        return socket;
      });
      const leave = async () => {
        await until(() => arrived === paths.length, 'nothing comes later');
        for (const socket of sockets) socket.destroy();
        await served.settled();
        await until(() => under.way === 0, 'no command is under way');
      };
      return { begun: first, answered: () => answered, leave };
    };
    /** The same, and goes away once the database is asked for anything. */
    const askAndLeave = async (paths: string[], user: (n: number) => string) => {
      const { begun, leave } = ask(paths, user);
      await begun;
      await leave();
    };
    const end = async () => {
      await audit.close();
      await connection.close();
      expect(ledger.errors).toEqual([]);
    };
    return { audit, started, under, ask, askAndLeave, end };
  }

  it.each([
    ['200 of the same question', () => `/histogram?buckets=${BUCKETS}&actor=u1`, () => 'eve'],
    ['200 of different ones', (n: number) => `/histogram?buckets=${BUCKETS}&actor=u${n}`, () => 'eve'],
    [
      '200 of different ones by as many actors',
      (n: number) => `/histogram?buckets=${BUCKETS}&actor=u${n}`,
      (n: number) => `u${n}`,
    ],
  ])('ends in the database, too: %s', async (_what, path, user) => {
    const { audit, started, askAndLeave, end } = await setUp();
    await askAndLeave(
      Array.from({ length: 200 }, (_, n) => path(n)),
      user,
    );
    const { length: asked } = started;
    expect(asked).toBeLessThan((200 * BUCKETS) / 10); // a tenth of what all of them take
    await audit.list({ tenantId: 'acme' });
    expect(started).toHaveLength(asked + 1);
    await end();
  });

  it('holds up no other tenant’s writing while it goes on: 200 histograms of 200 parts', async () => {
    const { audit, under, ask, end } = await setUp();
    const paths = Array.from({ length: 200 }, (_, n) => `/histogram?buckets=${BUCKETS}&actor=u${n}`);
    const { begun, answered, leave } = ask(paths, (n) => `u${n}`);
    await begun;
    let most = 0;
    for (let n = 0; n < 10; n++) {
      await audit.event({ tenantId: 'globex', action: 'a' });
      most = Math.max(most, under.way);
    }
    expect(answered()).toBeLessThan(200); // all ten were recorded before the histograms were counted
    expect(most).toBeLessThanOrEqual(8 + 4); // of one histogram, and what the writing itself reads
    await leave();
    await end();
  });

  it('ends a walk over a chain', async () => {
    const { audit, end } = await setUp();
    const leaving = new AbortController();
    const verifying = ledgerOf(audit).verify({ tenantId: 'acme' }, leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(verifying).rejects.toThrow('gone');
    await end();
  });

  it('bounds each of its readings by what the server may take for it', async () => {
    const { audit, started, askAndLeave, end } = await setUp();
    await askAndLeave(['/histogram?actor=u1', '/entries?action=a*', '/actions'], () => 'eve');
    await audit.list({ tenantId: 'acme', action: 'a*', from: '2020-01-01' });
    await audit.get({ tenantId: 'acme', id: 'none' });
    expect(started.length).toBeGreaterThan(5);
    for (const command of started) expect(command).toMatchObject({ maxTimeMS: 45_000 });
    await end();
  });
});
