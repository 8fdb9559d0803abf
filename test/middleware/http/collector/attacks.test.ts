import { connect as dial } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { auditMiddleware } from '../../../../index';
import { ledgerOf } from '../../../../lib/audit';
import { newKeyId, newKeyText } from '../../../../lib/keys/key-text';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { type Collecting, collecting } from '../../../support/collecting';

const event = { action: 'org.member.invite', actor: 'ada' };
const idOf = (key: string) => key.split('_')[1]!;

let served: Collecting;
beforeEach(async () => {
  served = await collecting();
});

const refusals = async () =>
  (await served.chain('system')).filter(({ action }) => action === 'ledger.key.refused');

/** Sends bytes as they are, and gives all that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = dial(served.port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

describe('a key that is not valid', () => {
  const UNKNOWN = {
    status: 401,
    detail: 'Give a valid key as `Authorization: Bearer …`, and never in a URL.',
  };
  const seen = ({ status, body }: { status: number; body: { detail?: string } }) => ({
    status,
    detail: body.detail,
  });

  it('has one answer, whatever is wrong with it, and the ledger knows what it was', async () => {
    const [revoked, expired, old] = [
      await served.newKey(),
      await served.newKey({ expiresAt: new Date(Date.now() - 1000) }),
      await served.newKey(),
    ];
    await served.audit.keys.revoke(idOf(revoked));
    await served.audit.keys.rotate(idOf(old), { graceSeconds: 0 });
    const wrong = newKeyText(idOf(old));
    const unknown = newKeyText(newKeyId());
    const misspelt = `${old.slice(0, -1)}${old.endsWith('a') ? 'b' : 'a'}`;
    for (const key of [undefined, revoked, expired, old, wrong, unknown, misspelt, 'x'])
      expect(seen(await served.post(key, event))).toEqual(UNKNOWN);
    const told = (await refusals()).map(({ outcome, resource, metadata }) => [
      outcome,
      resource,
      (metadata as { reason: string }).reason,
    ]);
    expect(told).toEqual([
      ['denied', undefined, 'missing'],
      ['denied', idOf(revoked), 'revoked'],
      ['denied', idOf(expired), 'expired'],
      ...Array(5).fill(['denied', undefined, 'unknown']),
    ]);
    expect(await served.chain('acme')).toEqual([]);
  });

  it('is refused at once where it was good before', async () => {
    const key = await served.newKey();
    expect((await served.post(key, event)).status).toBe(201);
    await served.audit.keys.revoke(idOf(key));
    expect((await served.post(key, event)).status).toBe(401);
  });

  it('is refused in a URL, with a valid header, too, and is logged nowhere', async () => {
    const key = await served.newKey({ scopes: ['write', 'read'] });
    for (const query of [
      `key=${key}`,
      `access_token=${key.toUpperCase()}`,
      `a=${encodeURIComponent(`x${key}`)}`,
    ]) {
      expect(seen(await served.send(`/entries?${query}`, {}))).toEqual(UNKNOWN);
      expect(seen(await served.send(`/entries?${query}`, { key }))).toEqual(UNKNOWN);
      expect(seen(await served.send(`/events?${query}`, { key, method: 'POST', body: event }))).toEqual(
        UNKNOWN,
      );
    }
    expect(seen(await served.send(`/entries/${key}`, { key }))).toEqual(UNKNOWN);
    const all = JSON.stringify(await served.chain('system')).toLowerCase();
    expect(all).not.toContain(key.slice(20).toLowerCase());
    expect((await refusals())[0]).toMatchObject({ metadata: { reason: 'in the URL' } });
  });

  it('costs a bounded number of queries and entries, however many come', async () => {
    const queries: number[] = [];
    class Counting extends MemoryStore {
      override keys(ids?: readonly string[]) {
        queries.push(ids?.length ?? 0);
        return super.keys(ids);
      }
    }
    served = await collecting({ where: new Counting() });
    const key = await served.newKey();
    const { keyCheck } = ledgerOf(served.audit);
    const wrong = Array.from({ length: 10_000 }, () => newKeyText(newKeyId()));
    const verdicts = await Promise.all(wrong.map((each) => keyCheck.check(each)));
    expect(new Set(verdicts.map((verdict) => JSON.stringify(verdict)))).toEqual(
      new Set(['{"key":null,"reason":"unknown"}']),
    );
    expect(queries.length).toBeLessThanOrEqual(11);
    expect(Math.max(...queries)).toBeLessThanOrEqual(1000);
    const waves = Array.from({ length: 200 }, () => newKeyText(newKeyId()));
    await Promise.all(waves.map((each) => served.post(each, event)));
    const told = await refusals();
    const counted = told.map(({ metadata }) => (metadata as { count?: number }).count ?? 1);
    expect(told.length).toBeLessThanOrEqual(11);
    expect(counted.reduce((sum, count) => sum + count)).toBe(200);
    expect((await served.post(key, event)).status).toBe(201);
  });
});

describe('a key that is bound to tenants', () => {
  const FORBIDDEN = {
    type: 'about:blank',
    title: 'Forbidden',
    status: 403,
    detail: 'This key may not do that: see /keys/me.',
  };
  let key: string;
  beforeEach(async () => {
    key = await served.newKey({ scopes: ['write', 'read', 'export', 'verify'] });
    await served.audit.event({ tenantId: 'globex', action: 'secret', id: 'theirs' });
    await served.audit.event({ tenantId: 'acme', action: 'ours', id: 'ours' });
  });

  it('writes for no other, whether there is such a tenant or not', async () => {
    for (const tenantId of ['globex', 'nobody', 'ACME', 'acme ', 'acme-2', 'Acme'])
      expect((await served.post(key, { ...event, tenantId })).body).toEqual(FORBIDDEN);
    const { status, body } = await served.post(key, { events: [event, { ...event, tenantId: 'globex' }] });
    expect({ status, errors: body.errors }).toEqual({
      status: 403,
      errors: [{ index: 1, code: 'FORBIDDEN', detail: FORBIDDEN.detail }],
    });
    expect(await served.chain('globex')).toHaveLength(1);
    expect(await served.chain('acme')).toHaveLength(1);
  });

  it('reads no other by the query, an id, a cursor, or a path', async () => {
    for (const path of ['/entries', '/entries/theirs', '/export', '/verify', '/checkpoint'])
      for (const tenantId of ['globex', 'nobody', 'system'])
        expect((await served.send(`${path}?tenantId=${tenantId}`, { key })).body).toEqual(FORBIDDEN);
    expect((await served.send('/entries?tenantId=acme&tenantId=globex', { key })).status).toBe(400);
    expect((await served.send('/entries/theirs', { key })).status).toBe(404);
    expect((await served.send('/entries/..%2Fglobex%2Ftheirs', { key })).status).toBe(404);
    await served.audit.event({ tenantId: 'globex', action: 'secret', id: 'theirs-2' });
    const page = await served.audit.list({ tenantId: 'globex', limit: 1 });
    const { status, body } = await served.send(`/entries?cursor=${page.nextCursor}`, { key });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('learns nothing of the ids of others: one of theirs is free here', async () => {
    const { status, body } = await served.post(key, { ...event, id: 'theirs' });
    expect({ status, tenantId: body.tenantId }).toEqual({ status: 201, tenantId: 'acme' });
    const header = await served.post(key, event, { 'Idempotency-Key': 'theirs-3' });
    expect(header.status).toBe(201);
  });

  it('does what its scopes say, and nothing else', async () => {
    const paths = { '/entries': 'read', '/export': 'export', '/verify': 'verify' };
    for (const scope of ['write', 'read', 'export', 'verify'] as const) {
      const narrow = await served.newKey({ scopes: [scope] });
      const statuses = await Promise.all(
        Object.keys(paths).map(async (path) => (await served.send(path, { key: narrow })).status),
      );
      expect(statuses).toEqual(Object.values(paths).map((needed) => (needed === scope ? 200 : 403)));
      expect((await served.post(narrow, event)).status).toBe(scope === 'write' ? 201 : 403);
    }
  });

  it('by a prefix has those whose ids begin so, and by any all but the ledger itself', async () => {
    const prefix = await served.newKey({ tenants: { prefix: 's' }, scopes: ['write', 'read'] });
    const any = await served.newKey({ tenants: 'any', scopes: ['write', 'read'] });
    const statusOf = async (given: string, tenantId: string) =>
      (await served.post(given, { ...event, tenantId })).status;
    expect([await statusOf(prefix, 'shop'), await statusOf(prefix, 'acme')]).toEqual([201, 403]);
    expect(await statusOf(any, 'whoever')).toBe(201);
    for (const given of [prefix, any]) {
      expect(await statusOf(given, 'system')).toBe(400);
      expect((await served.send('/entries?tenantId=system', { key: given })).status).toBe(403);
      expect((await served.post(given, event)).body.code).toBe('TENANT_REQUIRED');
      expect((await served.send('/entries', { key: given })).body.code).toBe('TENANT_REQUIRED');
    }
  });
});

describe('bytes that are meant to harm', () => {
  let key: string;
  beforeEach(async () => {
    key = await served.newKey();
  });

  const head = (given: string) => `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${given}\r\n`;
  const hidden = 'GET /keys/me HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}'],
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an encoding that hides chunks', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a length that is no number', 'Content-Length: +2\r\n\r\n{}'],
  ])('are refused with their connection: %s', async (_, rest) => {
    const answers = await raw(`${head(key)}${rest}${hidden}`);
    expect(answers).toMatch(/^HTTP\/1\.1 400 /);
    expect(answers.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('of somebody unknown are not read: the connection ends', async () => {
    const answers = await raw(`${head('x')}Content-Length: 1000000\r\n\r\n${hidden}`);
    expect(answers).toMatch(/^HTTP\/1\.1 401 /);
    expect(answers).toMatch(/\r\nConnection: close\r\n/i);
    expect(answers.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('decompress to no more than the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
    const nested = gzipSync(
      Buffer.concat([Buffer.from('{"action":"'), Buffer.alloc(1024 * 1024, 'a'), Buffer.from('"}')]),
    );
    expect(bomb.length).toBeLessThan(1024 * 1024);
    for (const body of [bomb, nested])
      expect((await served.post(key, body, { 'Content-Encoding': 'gzip' })).status).toBe(413);
    const twice = Buffer.concat(Array.from({ length: 20 }, () => gzipSync(Buffer.alloc(100_000, ' '))));
    expect((await served.post(key, twice, { 'Content-Encoding': 'gzip' })).status).toBe(413);
  });

  it('are recorded, cut, where JSON is deep', async () => {
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    expect((await served.post(key, `{"action":"a","metadata":{"deep":${deep}}}`)).status).toBe(201);
    expect(
      (await served.post(key, `{"action":"a","before":${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}}`))
        .status,
    ).toBe(201);
    expect((await served.post(key, deep)).status).toBe(400);
    expect((await served.post(key, `{"action":"a","actor":${deep}}`)).status).toBe(201);
    expect(JSON.stringify(await served.chain('acme'))).toContain('[Truncated]');
  });

  it('set no prototype, and no filter of the database', async () => {
    const sent = '{"action":"a","__proto__":{"tenantId":"globex"}}';
    expect((await served.post(key, sent)).status).toBe(400);
    const filter = await served.post(key, { action: 'a', id: { $ne: null } });
    expect(filter.status).toBe(400);
    const any = await served.newKey({ tenants: 'any' });
    expect((await served.post(any, { action: 'a', tenantId: { $gt: '' } })).status).toBe(400);
  });

  it('that hold a key are redacted', async () => {
    await served.post(key, { ...event, metadata: { note: `my key is ${key}` } });
    expect(JSON.stringify(await served.chain('acme'))).not.toContain(key.slice(17));
  });
});

describe('the collector within an application', () => {
  it('does not count its refusals as those of the application, and works behind its parsers', async () => {
    const plain = served;
    served = await collecting({
      mount: (collector) =>
        express()
          .use(auditMiddleware({ audit: plain.audit }))
          .use(express.json())
          .use('/ingest', collector),
    });
    const key = await served.newKey();
    const { status } = await served.send('/ingest/events', { key, method: 'POST', body: event });
    const refused = await served.send('/ingest/events', { method: 'POST', body: event });
    expect([status, refused.status]).toEqual([201, 401]);
    expect((await plain.chain('system')).map(({ action }) => action)).toEqual([]);
    expect(await refusals()).toHaveLength(1);
  });

  it('answers 405 with what is allowed, and 404', async () => {
    const answer = await served.send('/events', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await served.send('/entries', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD');
    expect((await served.send('/', {})).status).toBe(404);
    expect((await served.send('/session', {})).status).toBe(404);
  });
});
