import { Readable } from 'node:stream';
import SwaggerParser from '@apidevtools/swagger-parser';
import { auditCollector } from '../../../../collector';
import { verifyEvidence } from '../../../../index';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { connect } from '../../../support/connection';
import { sharedDatabaseUri } from '../../../support/database';
import { type Collecting, collecting } from '../../../support/collecting';

const event = { action: 'org.member.invite', actor: 'ada' };

describe('what a key may read', () => {
  let served: Collecting;
  let key: string;
  beforeEach(async () => {
    served = await collecting();
    key = await served.newKey({ scopes: ['read', 'export', 'verify'] });
    await served.audit.event({ tenantId: 'acme', ...event, id: 'e1' });
  });

  it('is itself', async () => {
    const { status, body } = await served.send('/keys/me', { key });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: key.split('_')[1],
      prefix: key.slice(0, 21),
      scopes: ['read', 'export', 'verify'],
      tenants: ['acme'],
      expiresAt: null,
    });
  });

  it('are pages, an entry, evidence that says who asked for it, and a verdict', async () => {
    expect((await served.send('/entries?limit=1', { key })).body).toMatchObject({ entries: [{ id: 'e1' }] });
    expect((await served.send('/entries/e1?tenantId=acme', { key })).body).toMatchObject({ id: 'e1' });
    expect((await served.send('/verify', { key })).body).toMatchObject({ verdict: 'intact' });
    const evidence = await served.send('/export?format=csv', { key });
    expect(evidence.status).toBe(200);
    const report = await verifyEvidence(Readable.from([evidence.text]), { allowUntrustedKey: true });
    expect(report).toMatchObject({ verdict: 'intact' });
    expect((await served.chain('acme')).at(-1)).toMatchObject({
      action: 'audit.export',
      actor: key.split('_')[1],
      actorType: 'service',
    });
    expect((await served.send('/entries?actorr=ada', { key })).status).toBe(400);
  });

  it('is recorded where `recordAccess` says so', async () => {
    served = await collecting({ recordAccess: 'all' });
    key = await served.newKey({ scopes: ['read'] });
    await served.send('/entries', { key });
    expect(await served.chain('acme')).toMatchObject([{ action: 'audit.read', actor: key.split('_')[1] }]);
  });

  it('is described by OpenAPI 3.1, which needs no key', async () => {
    const { body } = await served.send('/openapi.json', {});
    const document = body as Parameters<typeof SwaggerParser.validate>[0] & { paths: object };
    await expect(SwaggerParser.validate(structuredClone(document))).resolves.toBeDefined();
    expect(Object.keys(document.paths)).toEqual([
      '/events',
      '/keys/me',
      '/entries',
      '/entries/{id}',
      '/export',
      '/verify',
      '/checkpoint',
    ]);
  });
});

describe('a collector of the Fetch standard', () => {
  it('answers below its mount', async () => {
    const { audit, newKey, chain } = await collecting();
    const collector = auditCollector({ audit });
    const ask = (path: string, init: RequestInit) =>
      collector.fetch(new Request(`https://audit.example.com${path}`, init), {
        mount: '/ingest',
        address: '192.0.2.1',
      });
    const headers = { Authorization: `Bearer ${await newKey()}`, 'Content-Type': 'application/json' };
    const post = (body: string) => ask('/ingest/events', { method: 'POST', headers, body });
    expect((await post(JSON.stringify(event))).status).toBe(201);
    expect((await post(JSON.stringify({ action: 'x'.repeat(1024 * 1024) }))).status).toBe(413);
    expect((await ask('/ingested/events', { method: 'POST', headers, body: '{}' })).status).toBe(404);
    expect((await ask('/ingest/events', { method: 'POST', body: '{}' })).status).toBe(401);
    expect(await chain('acme')).toHaveLength(1);
    expect((await chain('system')).at(-1)).toMatchObject({
      action: 'ledger.key.refused',
      context: { ipAddress: '192.0.2.1' },
    });
  });
});

describe('without the database', () => {
  it('an answer is 503 with Retry-After, and a repetition is recorded once', async () => {
    class Away extends MemoryStore {
      away: Promise<void> | null = null;
      override async append(...given: Parameters<MemoryStore['append']>) {
        await this.away;
        return super.append(...given);
      }
    }
    const store = new Away();
    const served = await collecting({ where: store, timeoutMs: 50 });
    const key = await served.newKey();
    let back: () => void = () => undefined;
    store.away = new Promise((resolve) => (back = resolve));
    const one = await served.post(key, { ...event, id: 'once' });
    const many = await served.post(key, {
      events: [
        { ...event, id: 'm1' },
        { ...event, id: 'm2' },
      ],
    });
    for (const { status, headers, body } of [one, many])
      expect([status, headers.get('retry-after'), body.code]).toEqual([503, '2', 'STORE_UNAVAILABLE']);
    back();
    store.away = null;
    await served.audit.flush();
    let repeated = await served.post(key, { ...event, id: 'once' });
    while (repeated.status === 503) repeated = await served.post(key, { ...event, id: 'once' }); // 50 ms may be too few
    expect(repeated.status).toBe(200);
    expect((await served.chain('acme')).map(({ id }) => id)).toEqual(['once', 'm1', 'm2']);
  });

  it('nothing is taken once the connection is closed', async () => {
    const connection = await connect();
    const served = await collecting({ where: connection });
    const key = await served.newKey();
    expect((await served.post(key, event)).status).toBe(201);
    await served.audit.close();
    expect((await served.post(key, event)).body).toMatchObject({ status: 503, code: 'CLOSED' });
    await connection.close();
    expect((await served.post(key, event)).body).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    await connection.openUri(sharedDatabaseUri(), { dbName: connection.name }); // what cleans up drops it
  });
});
