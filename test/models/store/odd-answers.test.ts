import { text } from 'node:stream/consumers';
import type { Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { AppendConflict, AppendRefusal } from '../../../lib/store/store';
import { MongoStore } from '../../../models/store/mongo-store';
import { chain } from '../../conformance/given';
import { failingServer } from '../../support/fail-points';
import { newKey } from '../../support/signing';

const server = failingServer();
const quiet = { warn: () => undefined, error: () => undefined };
/** As a member answers that did not hear from the majority in time. */
const LATE = { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } };

let connection: Connection;
const opened: Audit[] = [];

beforeEach(async () => {
  connection = await server.connect();
});
afterEach(async () => {
  await server.mend();
  for (const audit of opened.splice(0)) await audit.close({ timeoutMs: 5_000 }).catch(() => undefined);
});

function open(): Audit {
  const audit = createAudit({
    connection,
    ledger: 'l.example',
    signingKey: newKey(),
    logger: quiet,
  });
  opened.push(audit);
  return audit;
}

describe('an insert that is answered with a write error and an error of its write concern at once', () => {
  it('counts as neither a conflict nor a refusal: how it ended is looked up', async () => {
    const store = new MongoStore(connection);
    await store.prepare();
    const [first] = chain('t', 1);
    await store.append([first!]);
    await server.fail(['insert'], LATE);
    const error: unknown = await store
      .append([{ ...first!, id: 'other' }])
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'MongoWriteConcernError' });
    expect(error instanceof AppendConflict || error instanceof AppendRefusal).toBe(false);
  });

  it('gives the receipt of the event that was recorded before under that id', async () => {
    const audit = open();
    const event = { tenantId: 't', action: 'a.b', id: 'once' };
    const receipt = await audit.event(event);
    await server.fail(['insert'], LATE);
    expect(await audit.event(event)).toEqual(receipt);
    expect(await server.set('failCommand', 'off')).toBeGreaterThan(0);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 1 });
  });

  it('records each event once where two processes meet', async () => {
    const [one, other] = [open(), open()];
    await one.event({ tenantId: 't', action: 'a.b' });
    await server.fail(['insert'], LATE, { times: 5 });
    const ids = Array.from({ length: 40 }, (_, n) => `e${n}`);
    const ledgers = ids.map((_, n) => (n % 2 ? one : other));
    await Promise.all(ids.map((id, n) => ledgers[n]!.event({ tenantId: 't', action: 'a.b', id })));
    expect(await one.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 41 });
  });
});

describe('who may not list collections, as by the role of the ledger', () => {
  it('records, reads, checks and exports', async () => {
    await server.fail(['listCollections'], { errorCode: 13 }, 'alwaysOn');
    const audit = open();
    await audit.ready();
    await audit.event({ tenantId: 't', action: 'a.b' });
    await connection.transaction(async (session) => {
      await audit.event({ tenantId: 't', action: 'a.c' }, { session });
    });
    await audit.flush();
    expect(await audit.list({ tenantId: 't' })).toHaveLength(2);
    await audit.checkpoint('t');
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    expect(await text(await audit.exportEvidence({ tenantId: 't', format: 'jsonl' }))).toContain('a.c');
  });
});

describe('a server that does not know how to commit', () => {
  it('tells whoever asks for a transaction, and nothing of it is recorded', async () => {
    const audit = open();
    await audit.event({ tenantId: 't', action: 'a.b' });
    await server.fail(['commitTransaction'], { errorCode: 238 }, 'alwaysOn');
    const business = connection.transaction(async (session) => {
      await audit.event({ tenantId: 't', action: 'a.c' }, { session });
    });
    await expect(business).rejects.toMatchObject({ code: 238 });
    await server.mend();
    await audit.flush();
    await audit.event({ tenantId: 't', action: 'a.d' });
    const entries = await audit.list({ tenantId: 't', order: 'asc' });
    expect(entries.map(({ action }) => action)).toEqual(['a.b', 'a.d']);
  });
});
