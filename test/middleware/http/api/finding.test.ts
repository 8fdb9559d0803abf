import express from 'express';
import supertest from 'supertest';
import { auditRouter } from '../../../../index';
import { memoryLedger } from '../../../support/memory-ledger';
import { serve } from '../../../support/served';

describe('finding entries over HTTP', () => {
  const { audit } = memoryLedger();
  let url: string;
  beforeAll(async () => {
    const app = express();
    app.use('/audit', auditRouter({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    const events = [
      {
        id: 'a',
        actor: { id: 'u1', name: 'Ada Lovelace' },
        action: 'org.read',
        context: { requestId: 'r1' },
      },
      { id: 'b', actor: { id: 'u2', name: 'Bob' }, action: 'contact.import', metadata: { note: 'Refund' } },
      { id: 'c', actor: { id: 'u1' }, action: 'org.write', resource: { id: 'x', type: 'invoice' } },
      { id: 'd', actor: { id: 's1', type: 'service', onBehalfOf: 'u2' }, action: 'contact.import' },
    ] as const;
    for (const event of events) await audit.event({ tenantId: 'acme', ...event });
    await audit.event({
      tenantId: 'other',
      actor: { id: 'u9', name: 'Ada of another tenant' },
      action: 'org.read',
    });
  });
  beforeEach(async () => {
    const app = express();
    app.use('/audit', auditRouter({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    ({ url } = await serve(app));
  });
  const ids = async (query: string): Promise<string[]> => {
    const { body } = await supertest(url).get(`/audit/entries?${query}`).expect(200);
    return (body as { entries: { id: string }[] }).entries.map(({ id }) => id);
  };

  it.each([
    ['actor=u1&actor=u2', 'cba'],
    ['action=!contact.import', 'ca'],
    ['action=org.*&action=!org.write', 'a'],
    ['resourceType=invoice', 'c'],
    ['onBehalfOf=u2', 'd'],
    ['requestId=r1', 'a'],
    ['text=refund', 'b'],
    ['notActor=u1', 'db'],
    ['ipAddress=10.0.0.1', ''],
    ['occurredFrom=2000-01-01&occurredTo=2000-01-02', ''],
    ['startDate=2000-01-01', 'dcba'],
    ['actor=%7B%22%24ne%22%3A1%7D', ''],
  ])('by %s', async (query, expected) => {
    expect((await ids(query)).join('')).toBe(expected);
  });

  it('says how far it looked', async () => {
    const { body } = await supertest(url).get('/audit/entries?text=nowhere').expect(200);
    expect(body).toEqual({
      entries: [],
      nextCursor: null,
      lookedAt: { entries: 4, seq: 1, recordedAt: expect.any(String) },
    });
  });

  it.each(['actor[$ne]=x', 'text=', 'ipAddress[$regex]=1', 'from=2026-01-01&startDate=2026-01-01'])(
    'refuses %s',
    async (query) => {
      await supertest(url).get(`/audit/entries?${query}`).expect(400);
    },
  );

  it('counts several values, and refuses to count what is excluded', async () => {
    const counted = await supertest(url).get('/audit/histogram?actor=u1&actor=u2&buckets=1').expect(200);
    expect(counted.body).toMatchObject({ counts: [3] });
    const refused = await supertest(url).get('/audit/histogram?action=!org.read').expect(400);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('not counted') as string });
  });

  it('leads from names to ids, within the tenant', async () => {
    const { body } = await supertest(url).get('/audit/actors?text=lovelace').expect(200);
    expect(body).toEqual({ actors: [{ id: 'u1', name: 'Ada Lovelace' }] });
    const all = await supertest(url).get('/audit/actors').expect(200);
    expect((all.body as { actors: { id: string }[] }).actors.map(({ id }) => id).sort()).toEqual([
      's1',
      'u1',
      'u2',
    ]);
  });

  it.each(['requestId=r1', 'text=refund', 'action=!org.read', 'actor=a&actor=b', 'notActor=u1'])(
    'exports nothing by %s, of which no file could prove anything',
    async (query) => {
      const { body } = await supertest(url).get(`/audit/export?${query}`).expect(400);
      expect(body).toMatchObject({ code: 'INVALID_QUERY' });
    },
  );

  it('names the dates of an export either way', async () => {
    for (const query of ['from=2026-01-01', 'startDate=2026-01-01']) {
      const { text } = await supertest(url).get(`/audit/export?${query}`).buffer(true).expect(200);
      expect(text).toContain('"filter":{"from":"2026-01-01T00:00:00.000Z"}');
    }
  });
});
