import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect as openSocket } from 'node:net';
import express, { type Request } from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../../index';
import { ledgerOf } from '../../../../lib/audit';
import type { AdmittedRequest } from '../../../../middleware/http/api/admitted-request';
import type { Asked } from '../../../../middleware/http/api/asked';
import { ReadingLimits } from '../../../../middleware/http/api/reading-limits';
import { type Cost, createRoutes, type Route } from '../../../../middleware/http/api/routes';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { memoryLedger } from '../../../support/memory-ledger';
import { countOf, sumOf } from '../../../support/refused';
import { serveLedger } from '../../../support/served-ledger';

const MINUTE = 60_000;

function serveTrail(options: AuditRouterOptions = {}) {
  return serveLedger(new MemoryStore(), ({ audit }) => {
    const app = express();
    app.set('env', 'test');
    const identify = (req: Request) => ({ actor: req.get('x-user') ?? 'eve', tenantId: 'acme' });
    app.use(auditMiddleware({ audit, identify }));
    app.use('/audit', auditRouter({ audit, ...options }));
    return app;
  });
}

/** Begins an export and goes away; gives its status. */
async function beginAndDrop(port: number): Promise<number | undefined> {
  const request = get({ port, host: '127.0.0.1', path: '/audit/export?actor=ceo', agent: false });
  request.on('error', () => undefined);
  const [{ statusCode, headers }] = (await once(request, 'response')) as [IncomingMessage];
  if (statusCode === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  request.destroy();
  return statusCode;
}

describe('exports that are begun and dropped', () => {
  it('are recorded as often as the limit says, and counted beyond; others export all the same', async () => {
    const app = await serveTrail();
    const statuses: (number | undefined)[] = [];
    for (let n = 0; n < 200; n++) statuses.push(await beginAndDrop(app.port));
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    await supertest(app.url).get('/audit/export').set('X-User', 'ada').expect(200);
    const entries = await app.entries();
    const exports = entries.filter(({ action, actor }) => action === 'audit.export' && actor === 'eve');
    expect(exports.length).toBeGreaterThanOrEqual(30);
    expect(exports.length).toBeLessThan(60);
    const refused = entries.filter(({ action }) => action === 'security.rate_limited');
    expect(refused.length).toBeLessThanOrEqual(11 + 11);
    expect(sumOf(refused) + exports.length).toBe(200);
    expect(refused.map(countOf).some((count) => count > 1)).toBe(true);
  });

  it('are bounded for a tenant, too, whoever its actors are', async () => {
    const app = await serveTrail({ limits: { exportsPerMinute: 2 } });
    let recorded = 0;
    for (let n = 0; n < 80; n++) {
      const { status } = await supertest(app.url).get('/audit/export').set('X-User', `user-${n}`);
      if (status === 200) recorded++;
    }
    expect(recorded).toBeGreaterThanOrEqual(8);
    expect(recorded).toBeLessThan(30); // eight, and those of the minutes that a slow machine takes
  });
});

describe('options', () => {
  it.each([
    ['a number', 5],
    ['an unknown limit', { requests: 5 }],
    ['none', { reads: 0 }],
    ['half a stream', { streams: 1.5 }],
  ])('of limits are no %s', (_what, limits) => {
    const { audit } = memoryLedger();
    expect(() => auditRouter({ audit, limits: limits as never })).toThrow(/limits/);
  });
});

describe('what is under way at the same time', () => {
  /** A route whose work lasts until it is let go. */
  function setUp(cost: Cost, limits = {}) {
    let clock = 0;
    const held: (() => void)[] = [];
    let ended = 0;
    const route = {
      path: '/held',
      cost,
      looks: ({ text }: { text?: string }) => text !== undefined,
      answer: async ({ signal }: Pick<AdmittedRequest, 'signal'>) => {
        await new Promise<void>((resolve, reject) => {
          held.push(resolve);
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }).finally(() => ended++);
        return { status: 200, headers: {}, body: 'x' };
      },
    } as unknown as Route;
    const { audit } = memoryLedger();
    const reading = new ReadingLimits(limits, () => clock);
    const ask = ({ tenantId = 'acme', actor = 'eve', query = {} }) => {
      let left = (): void => undefined;
      const client = {
        whenLeft: (gone: () => void) => {
          left = gone;
          return () => undefined;
        },
        takesLast: () => undefined,
      };
      const asked = { method: 'GET', client } as unknown as Asked;
      const request = { ledger: ledgerOf(audit), tenantId, actor, query, name: '', asked };
      const answer = reading.answer(route, {
        ...request,
        recordsExports: true,
        permissions: () => Promise.resolve([]),
      });
      const status = answer.then(
        (given) => given.status,
        (error: unknown) => (error as { status?: number }).status,
      );
      return { status, leave: () => left() };
    };
    const release = async () => {
      while (held.length > 0) {
        held.shift()!();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return {
      ask,
      held,
      release,
      ended: () => ended,
      pass: (by: number) => (clock += by),
      reading,
    };
  }

  const times = <T>(count: number, make: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => make(n));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('the same question has one answer, and ends with the last who asks', async () => {
    const it = setUp('count');
    const asking = times(200, () => it.ask({ query: { buckets: 200 } }));
    await turn();
    expect(it.held).toHaveLength(1);
    for (const { leave } of asking.slice(1)) leave();
    await turn();
    expect(it.ended()).toBe(0);
    asking[0]!.leave();
    await turn();
    expect(it.ended()).toBe(1);
    expect(new Set(await Promise.all(asking.map(({ status }) => status)))).toEqual(new Set([408]));
    const again = it.ask({ query: { buckets: 200 } });
    await it.release();
    expect(await again.status).toBe(200);
  });

  it('different ones wait for their turn, a tenant’s beside those of others', async () => {
    const it = setUp('count');
    const asking = times(640, (n) => it.ask({ query: { n } }));
    const other = it.ask({ tenantId: 'globex' });
    await turn();
    expect(it.held).toHaveLength(2); // one of each tenant
    expect(await Promise.all(asking.slice(64).map(({ status }) => status))).toEqual(Array(576).fill(429));
    for (const { leave } of asking.slice(0, 64)) leave();
    await turn();
    it.held.splice(0, 1);
    await it.release();
    expect(await other.status).toBe(200);
    expect(it.held).toEqual([]);
  });

  it('readings that look at entries one by one are two, and one of a tenant; others are not held up by them', async () => {
    const it = setUp('read');
    const looks = times(20, (n) => it.ask({ tenantId: `t${n % 10}`, query: { text: `${n}` } }));
    await turn();
    expect(it.held).toHaveLength(2);
    const others = times(8, (n) => it.ask({ tenantId: `t${n}`, query: { n } }));
    await turn();
    expect(it.held).toHaveLength(2 + 8);
    await it.release();
    for (const { status } of [...looks, ...others]) expect(await status).toBe(200);
  });

  it('are readings that look at entries one by one where no index serves a filter', () => {
    const { looks } = createRoutes().find(({ path }) => path === '/entries')!;
    for (const query of [
      { text: 'a' },
      { notActor: 'eve' },
      { outcome: '!denied' },
      { requestId: ['a', 'b'] },
    ])
      expect([query, looks!(query)]).toEqual([query, true]);
    for (const query of [{}, { actor: 'eve', outcome: 'denied', limit: 5 }, { action: 'a.*', faults: true }])
      expect([query, looks!(query)]).toEqual([query, false]);
  });

  it('of one tenant is bounded, and of the process', async () => {
    const it = setUp('walk', { reads: 2 });
    const ofTenant = times(80, (n) => it.ask({ actor: `a${n}`, query: { n } }));
    const ofOthers = times(160, (n) => it.ask({ tenantId: `t${n}`, query: { n } }));
    await turn();
    expect(await Promise.all(ofTenant.slice(8).map(({ status }) => status))).toEqual(Array(72).fill(429));
    expect(await Promise.all(ofOthers.slice(8).map(({ status }) => status))).toEqual(Array(152).fill(503));
    await it.release();
    expect(
      await Promise.all([...ofTenant.slice(0, 8), ...ofOthers.slice(0, 8)].map(({ status }) => status)),
    ).toEqual(Array(16).fill(200));
  });

  it.each([
    ['export', 8],
    ['stream', 20],
  ] as const)('of %ss are %d of one actor, which are free again afterwards', async (cost, most) => {
    const it = setUp(cost);
    const asking = times(most * 10, () => it.ask({}));
    await turn();
    expect(await Promise.all(asking.slice(most).map(({ status }) => status))).toEqual(
      Array(most * 9).fill(429),
    );
    await it.release();
    expect(new Set(await Promise.all(asking.slice(0, most).map(({ status }) => status)))).toEqual(
      new Set([200]),
    );
    const again = it.ask({});
    await it.release();
    expect(await again.status).toBe(200);
  });

  it('reads that are recorded are 600 a minute of one actor', () => {
    const it = setUp('read');
    const reader = { tenantId: 'acme', actor: 'eve' };
    const tried = () =>
      times(6_000, () => isLetIn(() => it.reading.record('reads', reader))).filter(Boolean).length;
    expect(tried()).toBe(600);
    it.pass(MINUTE);
    expect(tried()).toBe(600);
    expect(isLetIn(() => it.reading.record('reads', { ...reader, actor: 'ada' }))).toBe(true);
  });
});

function isLetIn(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

describe('live streams by one client', () => {
  it('are as many as the limit says, each place free again when it leaves', async () => {
    const app = await serveTrail({ limits: { streams: 2 } });
    const open = async () => {
      const socket = openSocket(app.port, '127.0.0.1');
      socket.write('GET /audit/stream HTTP/1.1\r\nHost: x\r\n\r\n');
      const [first] = (await once(socket, 'data')) as [Buffer];
      return { socket, status: Number(first.toString().split(' ')[1]) };
    };
    const opened = [await open(), await open(), await open()];
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 429]);
    for (const { socket } of opened) socket.destroy();
    await app.settled();
    const again = await open();
    expect(again.status).toBe(200);
    again.socket.destroy();
  });
});
