import { createReadStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type AuditClient, type ClientOptions, createClient, isReceiptOf } from '../../../client';
import type { AuditLog } from '../../../lib/audit-log';
import { verifyEvidence } from '../../../lib/evidence/check/node';
import { createTestAudit } from '../../../testing';
import { type Collecting, collecting, type Serving } from '../../support/collecting';
import { eventually } from '../../support/eventually';
import { type Fault, faultyProxy, type Passed } from '../../support/faulty-proxy';
import { serve } from '../../support/served';

const SCOPES = ['write', 'read', 'verify', 'export'] as const;

interface Connected {
  collector: Collecting;
  client: AuditClient;
  /** Requests as the proxy saw them. */
  seen: Passed[];
  errors: Error[];
}

const clients: AuditClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 0 }).catch(() => undefined);
});

async function connected(
  faultOf: (passed: Passed, n: number) => Fault = () => 'pass',
  { options = {}, serving = {} }: { options?: Partial<ClientOptions>; serving?: Serving } = {},
): Promise<Connected> {
  const collector = await collecting(serving);
  const seen: Passed[] = [];
  const proxy = await serve(faultyProxy(collector.url, (passed) => faultOf(passed, seen.push(passed))));
  const apiKey = await collector.newKey({ scopes: [...SCOPES], tenants: 'any' });
  const client = createClient({ url: proxy.url, apiKey, defaultTenant: 'acme', ...options });
  clients.push(client);
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  return { collector, client, seen, errors };
}

const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);
const sent = ({ body }: Passed) => (JSON.parse(body) as { events: { id: string; action: string }[] }).events;

describe('an awaited event', () => {
  it('resolves with the receipt of an entry that is in the chain, and is sent at once', async () => {
    const { client, collector } = await connected();
    const receipt = await client.event({ action: 'a.b', actor: 'ada', resource: { id: 'r', type: 'doc' } });
    const [entry] = await collector.chain('acme');
    expect(receipt).toEqual({
      id: entry!.id,
      tenantId: 'acme',
      seq: 1,
      hash: entry!.hash,
      recordedAt: entry!.recordedAt,
    });
    expect(entry).toMatchObject({ actor: 'ada', resource: 'r', resourceType: 'doc', outcome: 'success' });
    expect(client.stats()).toMatchObject({ queued: 0, inFlight: 0, recorded: 1, failed: 0 });
  });

  it('is what the ledger itself would have made of it', async () => {
    const { client, collector } = await connected();
    const event = {
      action: 'a.b',
      tenantId: 'acme',
      id: 'same',
      actor: { id: 'x'.repeat(600), name: 'Ann', onBehalfOf: `…${'0'.repeat(64)}` },
      resource: '\ud800'.repeat(2000),
      occurredAt: new Date(0),
      metadata: { big: 'y'.repeat(90_000) },
      before: null,
      after: { password: 'p', when: new Date(1), map: new Map([['a', 1n]]), error: new Error('e') },
      context: { ipAddress: '203.0.113.9' },
    };
    await client.event(event);
    const own = createTestAudit();
    await own.event(event);
    const { via, hash, recordedAt, ...entry } = (await collector.chain('acme'))[0]!;
    const { hash: _, recordedAt: __, ...expected } = own.entries[0]!;
    expect(entry).toEqual(expected);
    expect(JSON.stringify(entry)).toContain('[REDACTED]');
  });

  it('takes the actor, tenant and context of runAs, and keeps secrets in the process', async () => {
    const { client, collector, seen } = await connected();
    await client.runAs({ actor: 'job', tenantId: 'beta', context: { requestId: 'r1' } }, async () => {
      await turn();
      await client.event({ action: 'a.b', metadata: { apiKey: 'topsecret-value' } });
    });
    expect(await collector.chain('beta')).toMatchObject([{ actor: 'job', context: { requestId: 'r1' } }]);
    expect(JSON.stringify(seen.map(({ body }) => body))).not.toContain('topsecret');
  });

  it('rejects what the ledger rejects, with its errors and without a request', async () => {
    const { client, seen } = await connected(undefined, { options: { defaultTenant: undefined } });
    await expect(client.event({ action: '', tenantId: 't' })).rejects.toMatchObject({
      code: 'INVALID_EVENT',
    });
    await expect(client.event({ action: 'a.b' })).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
    const session = {} as never;
    await expect(client.event({ action: 'a', tenantId: 't' }, { session })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
    expect(seen).toEqual([]);
  });
});

describe('what is accepted in one turn', () => {
  it('goes in one request: a batch, and calls that are awaited together', async () => {
    const { client, seen } = await connected();
    const batch = client.batch();
    for (let i = 0; i < 1000; i++) batch.event({ action: 'a.b' });
    await batch.commit();
    await Promise.all(Array.from({ length: 20 }, () => client.event({ action: 'a.b' })));
    expect(seen.map((each) => sent(each).length)).toEqual([1000, 20]);
  });
});

describe('events that nobody awaits', () => {
  it('go together, in call order, and are there after a flush', async () => {
    const { client, collector, seen } = await connected();
    for (let i = 0; i < 20; i++) void client.event({ action: 'a.b', id: `e${i}` });
    await client.flush();
    expect(ids(await collector.chain('acme'))).toEqual(Array.from({ length: 20 }, (_, i) => `e${i}`));
    expect(seen).toHaveLength(1);
  });

  it('go without a flush', async () => {
    const { client, collector } = await connected();
    void client.event({ action: 'a.b' });
    await eventually(async () => expect(await collector.chain('acme')).toHaveLength(1));
  });

  it('are waited for by flush while they are under way, and by close', async () => {
    const { client, collector } = await connected(() => 'late');
    void client.event({ action: 'a.b' }).then(() => undefined);
    await eventually(() => expect(client.stats().inFlight).toBe(1));
    await client.flush();
    expect(await collector.chain('acme')).toHaveLength(1);
    void client.event({ action: 'a.b' });
    await client.close();
    expect(await collector.chain('acme')).toHaveLength(2);
    await expect(client.event({ action: 'a.b' })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('emit their failure, and never reject unseen', async () => {
    const { client, errors } = await connected(() => 401);
    void client.event({ action: 'a.b' });
    await expect(client.flush()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', events: [{}] });
    expect(errors).toMatchObject([{ code: 'KEY_REFUSED' }]);
  });
});

describe('a request that fails on its way', () => {
  it.each<Fault>(['lost', 'cut', 'torn', 'twice', 'page', 408, 429, 500, 502, 503])(
    '(%s) is sent again, and its events are in the chain once, in order',
    async (fault) => {
      const { client, collector, seen } = await connected((_, n) => (n <= 2 ? fault : 'pass'));
      const receipts = await Promise.all(
        ['a', 'b', 'c'].map((id) => client.event({ action: 'a.b', id, metadata: { id } })),
      );
      const chain = await collector.chain('acme');
      expect(ids(chain)).toEqual(['a', 'b', 'c']);
      receipts.forEach((receipt, i) => expect(isReceiptOf(receipt, chain[i]!)).toBe(true));
      expect(seen.length > 1).toBe(fault !== 'twice');
    },
  );

  it('fails in the end with STORE_UNAVAILABLE, and says why', async () => {
    const { client } = await connected(() => 502, { options: { timeoutMs: 300 } });
    await expect(client.event({ action: 'a.b' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('502'),
    });
    const retries = client.stats().retries;
    expect(retries).toBeGreaterThan(0);
  });

  it('tells of each retry', async () => {
    const { client } = await connected((_, n) => (n === 1 ? 500 : 'pass'));
    const told: unknown[] = [];
    client.on('retry', (retry) => told.push(retry));
    await client.event({ action: 'a.b' });
    expect(told).toEqual([{ tenantId: 'acme', attempt: 1, cause: expect.anything() }]);
  });
});

describe('what is refused', () => {
  it('fails alone, is not sent again, and the others go on', async () => {
    const { client, collector, seen } = await connected(({ body }) =>
      body.includes('poison') && body.length > 10 ? 400 : 'pass',
    );
    const results = await Promise.allSettled(
      ['a', 'poison', 'b', 'c'].map((id) => client.event({ action: 'a.b', id })),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(ids(await collector.chain('acme'))).toEqual(['a', 'b', 'c']);
    const tries = seen.filter((passed) => ids(sent(passed)).join() === 'poison');
    expect(tries).toHaveLength(1);
    expect(client.stats()).toMatchObject({ failed: 1, recorded: 3, queued: 0, inFlight: 0 });
  });

  it('is named by the collector: an action that it does not know', async () => {
    const serving = { ledger: { actions: ['a.b'] } };
    const { client, collector } = await connected(undefined, { serving });
    const batch = client.batch();
    for (const action of ['a.b', 'no', 'a.b']) batch.event({ action });
    await expect(batch.commit()).rejects.toMatchObject({ code: 'INVALID_EVENT' });
    expect(await collector.chain('acme')).toHaveLength(2);
  });

  it('is split when it is too large', async () => {
    const { client, collector } = await connected(({ body }) => (body.length > 3_000 ? 413 : 'pass'));
    const batch = client.batch();
    for (let i = 0; i < 40; i++) batch.event({ action: 'a.b', id: `e${i}` });
    expect((await batch.commit()).count).toBe(40);
    expect(ids(await collector.chain('acme'))).toEqual(Array.from({ length: 40 }, (_, i) => `e${i}`));
  });

  it('is no repetition of a call, which is the same event although it is later', async () => {
    const { client, collector } = await connected();
    const first = await client.event({ action: 'a.b', id: 'x' });
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(first.recordedAt) + 5));
    expect(await client.event({ action: 'a.b', id: 'x' })).toEqual(first);
    expect(await collector.chain('acme')).toHaveLength(1);
  });

  it('is another event with the id of one', async () => {
    const { client } = await connected();
    await client.event({ action: 'a.b', id: 'x', metadata: { n: 1 } });
    await expect(client.event({ action: 'a.b', id: 'x', metadata: { n: 2 } })).rejects.toMatchObject({
      code: 'ID_CONFLICT',
    });
  });

  it('is a tenant that the key has not: those of others are recorded', async () => {
    const { collector } = await connected();
    const apiKey = await collector.newKey({ tenants: ['acme'] });
    const client = createClient({ url: collector.url, apiKey });
    clients.push(client);
    client.on('error', () => undefined);
    const own = client.event({ action: 'a.b', tenantId: 'acme' });
    const other = client.event({ action: 'a.b', tenantId: 'beta' });
    await expect(own).resolves.toMatchObject({ seq: 1 });
    await expect(other).rejects.toMatchObject({ code: 'KEY_REFUSED' });
  });

  it('is a wrong `url`, which is said', async () => {
    const { client } = await connected(() => 404);
    await expect(client.event({ action: 'a.b' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(client.list({ tenantId: 'acme' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('memory', () => {
  it('is bounded: events beyond the limits are refused with QUEUE_FULL, a batch waits', async () => {
    const limits = { queueEvents: 4, batch: 2 };
    const { client, collector } = await connected(() => 'late', { options: { limits } });
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, () => client.event({ action: 'a.b' })),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(20);
    expect((refused[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'QUEUE_FULL' });
    const batch = client.batch();
    for (let i = 0; i < 10; i++) batch.event({ action: 'a.b' });
    expect((await batch.commit()).count).toBe(10);
    expect(await collector.chain('acme')).toHaveLength(40 - refused.length);
  });
});

describe('a platform that ends a process with its response', () => {
  const WAITING = Symbol.for('@next/request-context');
  afterEach(() => Reflect.deleteProperty(globalThis, WAITING));

  it('is told by waitUntil to wait, by the option or where it says so', async () => {
    const given: Promise<unknown>[] = [];
    const { client, collector } = await connected(undefined, {
      options: { waitUntil: (work) => void given.push(work) },
    });
    void client.event({ action: 'a.b' });
    await Promise.all(given);
    expect(await collector.chain('acme')).toHaveLength(1);
    const { client: other } = await connected();
    const context = { works: given, waitUntil: (work: Promise<unknown>) => context.works.push(work) };
    Object.assign(globalThis, { [WAITING]: { get: () => context } });
    void other.event({ action: 'a.b' });
    expect(given).toHaveLength(2);
    await Promise.all(given);
    expect(other.stats()).toMatchObject({ recorded: 1 });
  });
});

describe('reading', () => {
  let served: Connected;
  beforeEach(async () => {
    served = await connected((_, n) => (n % 3 === 0 ? 502 : 'pass'));
    const batch = served.client.batch();
    for (let i = 0; i < 5; i++) batch.event({ action: i % 2 ? 'x.odd' : 'x.even', id: `e${i}` });
    await batch.commit();
  });

  it('gives what the ledger gives: pages, entries, filters', async () => {
    const { client, collector } = served;
    const query = { tenantId: 'acme', limit: 2, from: new Date(0), action: 'x.*' };
    const page = await client.list(query);
    const own = await collector.audit.list(query);
    expect([...page]).toEqual([...own]);
    expect(page.nextCursor).toBe(own.nextCursor);
    const next = await client.list({ ...query, cursor: page.nextCursor! });
    expect(ids(next)).toEqual(['e2', 'e1']);
    expect(await client.get({ tenantId: 'acme', id: 'e3' })).toMatchObject({ seq: 4 });
    expect(await client.get({ tenantId: 'acme', id: 'none' })).toBeNull();
    expect(await client.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact' });
  });

  it('finds by what no index tells, by several values and by dates of either name', async () => {
    const { client, collector } = served;
    for (const query of [
      { action: '!x.odd' },
      { text: 'x.odd', startDate: new Date(0) },
      { action: ['x.odd', 'x.none'], endDate: '2100-01-01' },
      { notActor: ['nobody'], limit: 2 },
    ]) {
      const [page, own] = await Promise.all(
        [client, collector.audit].map((log) => log.list({ tenantId: 'acme', ...query })),
      );
      expect([...page!]).toEqual([...own!]);
      expect([page!.nextCursor, page!.lookedAt]).toEqual([own!.nextCursor, own!.lookedAt]);
    }
  });

  it('refuses what the ledger refuses', async () => {
    const { client } = served;
    const bad = [
      { tenantId: { $ne: null } as never },
      { tenantId: 'acme', limit: 0 },
      { tenantId: 'acme', unknown: 1 } as never,
      {} as never,
    ];
    for (const query of bad)
      await expect(client.list(query)).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    for (const id of ['..', '', '\ud800', 7 as never])
      await expect(client.get({ tenantId: 'acme', id })).rejects.toMatchObject({ code: 'INVALID_QUERY' });
  });

  it('writes evidence to a file as it comes, which verifies', async () => {
    const file = join(tmpdir(), `evidence-${process.pid}.jsonl`);
    const evidence = await served.client.exportEvidence({ tenantId: 'acme', startDate: '2020-01-01' });
    await writeFile(file, evidence);
    const report = await verifyEvidence(createReadStream(file));
    await rm(file);
    expect(report).toMatchObject({ verdict: 'intact' });
  });

  it('ends evidence with an error where the connection breaks', async () => {
    const { client } = await connected(({ method }) => (method === 'GET' ? 'torn' : 'pass'));
    await client.event({ action: 'a.b', metadata: { much: 'x'.repeat(10_000) } });
    const read = async () => {
      for await (const piece of await client.exportEvidence({ tenantId: 'acme' }))
        expect(piece).toBeDefined();
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

it('takes the place of an Audit', async () => {
  const { client } = await connected();
  const record = (audit: AuditLog) => audit.event({ action: 'a.b', tenantId: 't' });
  expect((await record(client)).seq).toBe(1);
  expect((await record(createTestAudit())).seq).toBe(1);
});
