import { text } from 'node:stream/consumers';
import express, { type Request } from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, verifyEvidence } from '../index';
import { ledgerOf } from '../lib/audit';
import type { Draft, Entry } from '../lib/chain/entry';
import { entryHash } from '../lib/chain/entry';
import { link } from '../lib/chain/link';
import { sha256 } from '../lib/crypto/node';
import { serializeDraft } from '../lib/event/draft-json';
import { newId } from '../lib/event/id';
import { MemoryStore } from '../models/memory/memory-store';
import { toDocument } from '../models/store/write-document';
import { AlterableStore } from './support/alterable-store';
import { until } from './support/deadline';
import { ledgerOn } from './support/memory-ledger';
import { sumOf } from './support/refused';
import { serveLedger } from './support/served-ledger';
import { LEDGER, newKey } from './support/signing';

// What somebody with a little access would try, one after the other, as a client, as a user, and as who may insert into the
// collections. The tests of each part have the details; here stands that none of it gives anything.

const event = { tenantId: 't', action: 'a.b' };
const signing = { ledger: LEDGER, signingKey: newKey() };

const DRAFT: Draft = {
  v: 1,
  tenantId: 't',
  id: 'planted',
  occurredAt: '2026-01-01T00:00:00.000Z',
  actor: 'mallory',
  action: 'a.b',
  outcome: 'success',
};

const codesOf = (errors: readonly Error[]) => errors.map((error) => (error as { code?: string }).code);

describe('who may insert into the outbox', () => {
  const session = { inTransaction: () => false } as never;

  /** A ledger on a store in whose outbox these drafts lay, once it has looked at them. */
  async function after(drafts: Partial<Draft>[]) {
    const store = new MemoryStore();
    const items = drafts.map((draft) => ({
      key: newId(),
      at: 0,
      text: serializeDraft({ draft: { ...DRAFT, ...draft }, occurredAtGiven: true, bytes: 0 }),
    }));
    await store.addToOutbox(items, session, Promise.resolve(), () => undefined);
    const made = ledgerOn(store, signing);
    ledgerOf(made.audit).start();
    await made.audit.event(event);
    await until(async () => (await store.countOutbox()) === 0, 'the outbox was looked at');
    await made.audit.flush();
    return { ...made, store };
  }

  const STATED = { tenantId: 't', size: 1000, root: 'ab'.repeat(32), reason: 'x', found: 'y' };

  it.each<[string, Partial<Draft>]>([
    ['of a checkpoint', { tenantId: 'system', action: 'ledger.checkpoint', resource: 't', metadata: STATED }],
    ['of a reopening', { tenantId: 'system', action: 'ledger.reopened', resource: 't', metadata: STATED }],
    ['of a reopening in the chain itself', { action: 'ledger.reopened', metadata: STATED }],
    ['of a key', { tenantId: 'system', action: 'ledger.key.created', resource: 'aaaaaaaaaaaa' }],
    ['in the ledger’s chain by another name', { tenantId: 'system', action: 'auth.unauthorized_access' }],
    ['by an API key', { via: 'aaaaaaaaaaaa' }],
  ])('makes no statement %s', async (_, draft) => {
    const { audit, store, errors } = await after([draft]);
    expect(codesOf(errors)).toEqual(['UNREADABLE']);
    expect(store.entries().filter(({ actor }) => actor === 'mallory')).toEqual([]);
    await audit.checkpoint('t');
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', notices: [] });
  });

  it('blocks nobody by an event as large as none is', async () => {
    const { store, errors } = await after([{ metadata: { text: 'x'.repeat(3_000_000) } }]);
    expect(errors.length).toBeLessThanOrEqual(1);
    const sizes = store.entries().map((entry) => JSON.stringify(entry).length);
    expect(Math.max(...sizes)).toBeLessThan(10_000);
  });
});

describe('who may insert entries', () => {
  it.each<[string, (end: Entry) => Partial<Entry>]>([
    ['the last number', () => ({ seq: 2 ** 53 - 1 })],
    ['a number behind a gap', () => ({ seq: 1000, prevHash: 'ab'.repeat(32) })],
    ['a false link', () => ({ prevHash: 'ab'.repeat(32) })],
    ['a time in the year 9999', () => ({ recordedAt: '9999-01-01T00:00:00.000Z' })],
  ])('with %s stops one tenant, and hides nothing', async (_, change) => {
    const store = new AlterableStore();
    const { audit, errors } = ledgerOn(store, signing);
    await audit.event(event);
    const [end] = await audit.list({ tenantId: 't', limit: 1 });
    const entry = { ...link(DRAFT, end!, new Date().toISOString(), sha256), ...change(end!) };
    store.plant(toDocument({ ...entry, hash: entryHash(entry, sha256) }));
    const waiting = audit.event(event);
    await until(() => errors.length > 0, 'it is told');
    expect(codesOf(errors)).toEqual([expect.stringMatching(/^(CHAIN_BLOCKED|HEAD_ALTERED)$/)]);
    expect(await audit.event({ ...event, tenantId: 'u' })).toMatchObject({ seq: 1 });
    await audit.reopen({ tenantId: 't', reason: 'an intruder' });
    expect(await waiting).toMatchObject({ seq: expect.any(Number) as number });
    const { verdict, notices } = await audit.verify({ tenantId: 't' });
    expect([verdict, notices.map(({ kind }) => kind)]).toEqual(['intact', ['reopened']]);
  });

  it('under an id that another will use, suppresses nothing unseen', async () => {
    const store = new AlterableStore();
    const { audit } = ledgerOn(store, signing);
    await audit.event({ ...event, id: 'refund-42', actor: 'mallory' });
    const refund = { ...event, id: 'refund-42', action: 'order.refund', actor: 'admin' };
    await expect(audit.event(refund)).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    await audit.flush();
    const [told] = await audit.list({ tenantId: 't', limit: 1 });
    expect(told).toMatchObject({ action: 'ledger.id_conflict', actor: 'admin' });
  });
});

describe('an administrator by an option of the ledger', () => {
  it('redacts none of its statements', async () => {
    const redact = {
      names: ['ledger', 'filter', 'note', 'size', 'root'],
      values: [/[0-9a-f]{16,}/, /^\d+$/, /20\d\d-/],
    };
    const { audit } = ledgerOn(new MemoryStore(), { ...signing, redact });
    await audit.event(event);
    const file = await text(await audit.exportEvidence({ tenantId: 't', format: 'jsonl' }));
    expect(await verifyEvidence([file] as never)).toMatchObject({ verdict: 'intact', statedBySigner: true });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', anchor: 'signed' });
  });
});

describe('a client', () => {
  const serveTrail = () =>
    serveLedger(new MemoryStore(), ({ audit }) => {
      const app = express().set('env', 'test').set('trust proxy', true);
      const identify = (req: Request) => ({ actor: req.get('x-user'), tenantId: req.hostname });
      app.use(auditMiddleware({ audit, identify }));
      app.use('/audit', auditRouter({ audit, authorize: (req) => req.get('x-user') === 'ada' }));
      app.use((_req, res) => void res.status(401).end());
      return app;
    });

  it('has no record made in the name of a user whose browser they can make ask', async () => {
    const app = await serveTrail();
    const embedded = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
    };
    for (const headers of [embedded, { 'sec-purpose': 'prefetch' }])
      for (const path of ['/export?actor=ceo', '/export?proof=false', '/verify', '/histogram?buckets=200'])
        await supertest(app.url)
          .get(`/audit${path}`)
          .set({ 'x-user': 'ada', host: 'acme', ...headers })
          .expect(403);
    const entries = await app.entries();
    expect(entries.filter(({ action }) => action === 'audit.export')).toEqual([]);
  });

  it('begins few chains, whatever hosts, addresses and names they make up, and is counted', async () => {
    const app = await serveTrail();
    const made = (n: number) => ({
      host: `host-${n}`,
      'x-forwarded-for': `10.0.${n >> 8}.${n & 255}`,
      ...(n % 2 === 0 && { 'x-user': `user-${n}` }),
    });
    const paths = [
      '/orders/7',
      '/audit/',
      '/audit/entries',
      '/audit/export',
      '/audit/stream',
      '/audit/entries/x',
    ];
    const ask = (n: number) =>
      supertest(app.url)
        .get(paths[n % paths.length]!)
        .set(made(n));
    for (let n = 0; n < 300; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => ask(n + i)));
    await app.settled();
    await app.audit.flush();
    const refused = (await app.entries()).filter(({ action }) => action === 'auth.unauthorized_access');
    expect(new Set(refused.map(({ tenantId }) => tenantId)).size).toBeLessThanOrEqual(100 + 1);
    expect(sumOf(refused)).toBe(300); // who is refused a look at a trail is told of, too
  });
});
