import express from 'express';
import { Types } from 'mongoose';
import request from 'supertest';
import { auditMiddleware, auditRouter, type Identity } from '../../../../index';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { testLedger } from '../../../support/served-ledger';

const oid = new Types.ObjectId('64f000000000000000000001');
const LONG = /^x{191}…[0-9a-f]{64}$/;

/** A ledger, and a client of its router whose identity is this one. */
function readBy(identity: unknown) {
  const ledger = testLedger(new MemoryStore());
  const identify = () => identity as Identity;
  const app = express()
    .use(auditMiddleware({ audit: ledger.audit, identify }))
    .post('/act', (req, res, next) => void req.audit({ action: 'a.b' }).then(() => res.sendStatus(204), next))
    .use('/audit', auditRouter({ audit: ledger.audit, recordAccess: 'all' }));
  return { ...ledger, ask: request(app) };
}

describe('who is admitted', () => {
  it.each<[string, unknown, object]>([
    [
      'has a long name',
      { id: 'u', name: 'n'.repeat(1025) },
      { actor: 'u', actorName: `${'n'.repeat(1023)}…` },
    ],
    ['has a long id', 'x'.repeat(300), { actor: expect.stringMatching(LONG) }],
    ['has no name', { id: 'u', name: null, onBehalfOf: null }, { actor: 'u' }],
    ['is a whole user', { id: 7, email: 'u@example.com', type: 'admin' }, { actor: '7' }],
    ['is a whole document', { _id: oid, email: 'u@example.com' }, { actor: oid.toHexString() }],
    ['has a secret for an id', 'Bearer abcdefghijklmnop', { actor: '[REDACTED]' }],
  ])('reads and exports: %s', async (_what, actor, stored) => {
    const { ask, recorded } = readBy({ actor, tenantId: 't' });
    await ask.post('/act').expect(204);
    await ask.get('/audit/entries').expect(200);
    await ask.get('/audit/export').expect(200);
    const entries = (await recorded.all()).filter(({ tenantId }) => tenantId === 't');
    expect(entries.map(({ action }) => action)).toEqual(['a.b', 'audit.read', 'audit.export']);
    for (const entry of entries) expect(entry).toMatchObject(stored);
  });

  it.each([
    ['is too long', 'x'.repeat(300)],
    ['holds U+0000', 'a\0b'],
    ['holds a lone surrogate', 'a\ud800'],
    ['is a secret', 'Bearer abcdefghijklmnop'],
    ['is of a document', { _id: oid, name: 'T' }],
  ])('sees their own trail, also where the id of its tenant %s', async (_what, tenantId) => {
    const { ask } = readBy({ actor: 'u', tenantId });
    await ask.post('/act').expect(204);
    const { body } = await ask.get('/audit/entries').expect(200);
    expect((body as { entries: { action: string }[] }).entries.map(({ action }) => action)).toEqual([
      'audit.read',
      'a.b',
    ]);
    await ask.get('/audit/export').expect(200);
  });

  it.each<[string, unknown]>([
    ['nobody', { tenantId: 't' }],
    ['an empty name', { actor: '', tenantId: 't' }],
    ['NaN, of `Number(undefined)`', { actor: NaN, tenantId: 't' }],
    ['an object without members', { actor: {}, tenantId: 't' }],
    ['of no tenant', { actor: 'u' }],
    ['of an object for a tenant', { actor: 'u', tenantId: { $ne: null } }],
  ])('is not %s', async (_what, identity) => {
    await readBy(identity).ask.get('/audit/entries').expect(401);
  });
});
