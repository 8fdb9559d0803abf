import { text } from 'node:stream/consumers';
import type { Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { MongoStore } from '../../../models/store/mongo-store';
import { failingServer } from '../../support/fail-points';
import { newKey } from '../../support/signing';
import { storeChain } from '../../support/ready-chain';

const SIZE = 1_700;
const server = failingServer();
const quiet = { warn: () => undefined, error: () => undefined };

let connection: Connection;
let audit: Audit;

beforeAll(async () => {
  connection = await server.connect();
  await storeChain(connection, 't', SIZE);
  audit = createAudit({ connection, ledger: 'l.example', signingKey: newKey(), logger: quiet });
  await audit.checkpoint('t');
});
afterAll(async () => {
  await audit.close({ timeoutMs: 5_000 });
});

const namespace = (collection: string) => `${connection.name}.${collection}`;

describe('a walk that loses its cursor', () => {
  it.each([
    ['that the server does not know any more', 43],
    ['that took longer than it may', 50],
    ['that was killed', 237],
    ['of a primary that has stepped down', 11_602],
  ])('goes on where it was: one %s', async (_what, errorCode) => {
    await server.fail(['getMore'], { errorCode, errorLabels: [] }, { times: 2 });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: SIZE });
    expect(await server.set('failCommand', 'off')).toBeGreaterThan(0);
  });

  it('and its connection, goes on, too', async () => {
    await server.fail(['getMore'], { closeConnection: true });
    const exported = await audit.exportEvidence({ tenantId: 't', includeChainProof: false, format: 'jsonl' });
    expect((await text(exported)).trim().split('\n').length).toBeGreaterThanOrEqual(SIZE);
  });

  it('goes on with what has no number, and gives nothing twice', async () => {
    const strange = await server.connect();
    await storeChain(strange, 't', 700);
    const entries = strange.getClient().db(strange.name).collection('audit_entries');
    await entries.insertMany(
      [null, 'x', 700.5, true].map((seq) => ({ tenantId: 't', seq, _id: `t:${String(seq)}` }) as never),
    );
    await server.fail(['getMore'], { errorCode: 43 });
    const ids: (string | null)[] = [];
    for await (const portion of new MongoStore(strange).walk({ tenantId: 't' }))
      for (const { documentId } of portion) ids.push(documentId);
    expect([ids.length, new Set(ids).size]).toEqual([704, 704]);
  });

  it('fails when a new one gives nothing either', async () => {
    await server.fail(['find'], { errorCode: 50, namespace: namespace('audit_entries') }, 'alwaysOn');
    await expect(audit.verify({ tenantId: 't' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { code: 50 },
    });
  });
});

describe('tiles that another process writes at the same time', () => {
  it.each([11_000, 112])('are no reason to fail: %d', async (errorCode) => {
    const other = await server.connect();
    await storeChain(other, 't', 300);
    const ledger = createAudit({
      connection: other,
      ledger: 'l.example',
      signingKey: newKey(),
      logger: quiet,
    });
    const before = await server.set('failCommand', 'off');
    await server.fail(['update'], { errorCode, errorLabels: [], namespace: `${other.name}.audit_tiles` });
    expect((await ledger.checkpoint('t')).split('\n')[1]).toBe('300');
    expect(await server.set('failCommand', 'off')).toBe(before + 1);
    await ledger.close();
  });
});

describe('every command of a ledger', () => {
  it('ends by itself before its caller gives up, and waits for no majority without end', async () => {
    const watched = await server.connect({ monitorCommands: true });
    const commands: { name: string; limit: number }[] = [];
    watched.getClient().on('commandStarted', ({ commandName: name, command }) => {
      const { maxTimeMS, writeConcern } = command as {
        maxTimeMS?: number;
        writeConcern?: { w?: unknown; wtimeout?: number };
      };
      const wtimeout = writeConcern?.w === 1 ? 1 : writeConcern?.wtimeout;
      commands.push({ name, limit: maxTimeMS ?? wtimeout ?? Infinity });
    });
    const ledgers = [1, 2].map(() =>
      createAudit({ connection: watched, ledger: 'l.example', signingKey: newKey(), logger: quiet }),
    );
    await Promise.all(
      ledgers.flatMap((ledger) =>
        Array.from({ length: 40 }, () => ledger.event({ tenantId: 't', action: 'org.member.add' })),
      ),
    );
    const [ledger] = ledgers as [Audit, Audit];
    const session = await watched.startSession();
    await ledger.event({ tenantId: 't', action: 'a.b' }, { session });
    await session.endSession();
    await ledger.keys.create({ name: 'k', scopes: ['read'], tenants: 'any' });
    await ledger.keys.list();
    await ledger.list({ tenantId: 't', action: 'org.*' });
    await ledger.checkpoint('t');
    await text(await ledger.exportEvidence({ tenantId: 't', format: 'jsonl' }));
    await ledger.verify({ tenantId: 't' });
    await ledger.streams.status();
    for (const each of ledgers) await each.close();
    const own = new Set(['endSessions', 'killCursors', 'explain', 'getMore']);
    const endless = commands.filter(({ name, limit }) => !own.has(name) && !(limit < 60_000));
    expect(endless).toEqual([]);
    expect(new Set(commands.map(({ name }) => name)).size).toBeGreaterThan(5);
  });
});

describe('a list of all actions with a prefix', () => {
  it('needs no pipeline, which not every service takes', async () => {
    for (const action of ['org.add', 'org.remove', 'other.add']) await audit.event({ tenantId: 'u', action });
    await server.fail(['aggregate'], { errorCode: 40_324 }, 'alwaysOn');
    const listed = await audit.list({ tenantId: 'u', action: 'org.*' });
    expect(listed.map(({ action }) => action)).toEqual(['org.remove', 'org.add']);
  });
});
