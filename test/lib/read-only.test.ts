import { text } from 'node:stream/consumers';
import express from 'express';
import type { Connection } from 'mongoose';
import request from 'supertest';
import { type Audit, auditMiddleware, auditRouter } from '../../index';
import { createAudit } from '../support/create-audit';
import { connect } from '../support/connection';
import { newKey } from '../support/signing';

const event = { tenantId: 't', action: 'a.b' };
const refused = { code: 'READ_ONLY', status: 409 };
const signing = { ledger: 'l.example', signingKey: newKey() };

let connection: Connection;
let audit: Audit;
let errors: Error[];

beforeAll(async () => {
  connection = await connect();
  const writer = createAudit({ connection, ...signing });
  for (const id of ['1', '2', '3']) await writer.event({ ...event, id });
  await writer.checkpoint('t');
  await writer.close();
});
beforeEach(() => {
  audit = createAudit({ connection, ...signing, readOnly: true });
  errors = [];
  audit.on('error', (error) => errors.push(error));
});

/** How many documents each collection holds. */
async function counts(): Promise<object> {
  const { db } = connection;
  const names = (await db!.listCollections().toArray()).map(({ name }) => name).sort();
  const counted = names.map(async (name) => [name, await db!.collection(name).countDocuments()] as const);
  return Object.fromEntries(await Promise.all(counted));
}

describe('a ledger that is read-only', () => {
  it('reads, verifies and proves, and leaves the database as it is', async () => {
    const before = await counts();
    expect((await audit.list({ tenantId: 't' })).map(({ id }) => id)).toEqual(['3', '2', '1']);
    expect(await audit.get({ tenantId: 't', id: '2' })).toMatchObject({ seq: 2 });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    expect(await audit.prove({ tenantId: 't', id: '1' })).toMatchObject({ size: 3 });
    const exported = await audit.exportEvidence({ tenantId: 't', format: 'jsonl', includeChainProof: false });
    expect((await text(exported)).trim().split('\n')).toHaveLength(3);
    await audit.flush();
    await audit.close();
    expect(await counts()).toEqual(before);
    expect(errors).toEqual([]);
  });

  it('refuses what would write, and says where to do it', async () => {
    const before = await counts();
    const session = await connection.startSession();
    const writes = [
      () => audit.event(event),
      () => audit.event(event, { session }),
      () => audit.batch().event(event).commit(),
      () => audit.checkpoint('t'),
      () => audit.exportEvidence({ tenantId: 't', format: 'jsonl' }),
      () => audit.keys.create({ name: 'k', scopes: ['read'], tenants: 'any' }),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject(refused);
    await session.endSession();
    expect(await counts()).toEqual(before);
  });

  it('is no ledger of options that write', () => {
    const { message } = failureOf(() =>
      createAudit({ readOnly: true, spool: { directory: 'x' }, checkpoints: { everySeconds: 1 } }),
    );
    for (const name of ['spool', 'checkpoints.everySeconds']) expect(message).toContain(name);
    expect(() => createAudit({ readOnly: 'yes' as never })).toThrow('readOnly');
  });

  it('answers in the router, which records nothing of it', async () => {
    const before = await counts();
    const app = express();
    app.use((req, _res, next) => {
      Object.assign(req, { user: { id: 'ann', tenantId: 't' } });
      next();
    });
    app.use(auditMiddleware({ audit, capture: { requests: true } }));
    app.use('/audit', auditRouter({ audit }));
    app.get('/private', (_req, res) => void res.sendStatus(403));
    app.post('/', async (req, res) => {
      const code = await req
        .audit({ action: 'a.b' })
        .catch((error: unknown) => (error as { code: string }).code);
      res.json({ code });
    });
    const page = await request(app).get('/audit/entries');
    expect([page.status, (page.body as { entries: unknown[] }).entries.length]).toEqual([200, 3]);
    expect((await request(app).get('/audit/verify')).body).toMatchObject({ verdict: 'intact' });
    expect((await request(app).get('/audit/export?proof=false')).status).toBe(200);
    const proven = await request(app).get('/audit/export');
    expect([proven.status, proven.body]).toMatchObject([409, { code: 'READ_ONLY' }]);
    expect((await request(app).get('/private')).status).toBe(403);
    expect((await request(app).post('/')).body).toEqual({ code: 'READ_ONLY' });
    expect(await counts()).toEqual(before);
  });

  it('has no router that records each read', () => {
    expect(() => auditRouter({ audit, recordAccess: 'all' })).toThrow('read-only');
  });
});

function failureOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was let through');
}
