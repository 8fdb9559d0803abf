import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { Express, Request, RequestHandler } from 'express';
import { auditMiddleware } from '../../../index';
import type { Entry } from '../../../lib/chain/entry';
import type { Identity } from '../../../middleware/http/identity';
import { MemoryStore } from '../../../models/memory/memory-store';
import { countOf, sumOf } from '../../support/refused';
import { EXPRESSES } from '../../support/served';
import { sized } from '../../support/sized';
import { serveLedger, type ServedLedger } from '../../support/served-ledger';

/** Requests: more than the 1,000 callers that are told apart. */
const MANY = sized(1_200, 2_500);

/** A request, as far as these tests tell them apart. */
interface Call {
  path?: string;
  from?: string;
  /** An identity as JSON. */
  as?: Identity | undefined;
}

/** Sends requests over one connection, one after the other, and resolves when all are answered. */
async function send(app: ServedLedger, calls: Call[]): Promise<void> {
  const socket = connectSocket(app.port, '127.0.0.1');
  const requests = calls.map(({ path = '/orders/7', from = '192.0.2.1', as = {} }, n) => {
    const end = n === calls.length - 1 ? 'Connection: close\r\n' : '';
    const identity = Buffer.from(JSON.stringify(as)).toString('base64');
    return `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${from}\r\nX-As: ${identity}\r\n${end}\r\n`;
  });
  socket.resume().write(requests.join(''));
  await once(socket, 'close');
  await app.settled();
}

const times = (count: number, call: Call = {}) => Array.from({ length: count }, () => call);

const identify = (req: Request) =>
  JSON.parse(Buffer.from(req.get('x-as') ?? '', 'base64').toString()) as Identity;

const counted = (entries: Entry[]) => entries.filter(({ metadata }) => metadata !== undefined);
const single = (entries: Entry[]) => entries.filter(({ metadata }) => metadata === undefined);

const refuseAll: RequestHandler = (req, res) => {
  res.sendStatus(Number(req.query['status'] ?? 401));
};

describe.each(EXPRESSES)('repeated refusals in %s', (_name, express) => {
  const store = new MemoryStore();

  const refusing = (it: Express) => it.get('/orders/:id', refuseAll).get('/users/:id', refuseAll);

  function serveWith(mount: (app: Express) => void = refusing) {
    return serveLedger(store, ({ audit }) => {
      const app = express();
      app.set('env', 'test');
      app.set('trust proxy', true);
      app.use(auditMiddleware({ audit, identify }));
      mount(app);
      return app;
    });
  }

  it.each([
    [9, 9, []],
    [10, 10, []],
    [11, 10, [1]],
    [40, 10, [30]],
  ])('%d are %d entries, and counted %p', async (requests, own, counts) => {
    const app = await serveWith();
    await send(app, times(requests));
    const entries = await app.entries();
    expect(single(entries)).toHaveLength(own);
    expect(counted(entries).map(countOf)).toEqual(counts);
  });

  it('are told with who, where and when', async () => {
    const app = await serveWith();
    const before = new Date().toISOString();
    await send(app, times(13, { as: { actor: 'eve', tenantId: 'acme' } }));
    const [entry, ...more] = counted(await app.entries());
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      tenantId: 'acme',
      actor: 'eve',
      action: 'auth.unauthorized_access',
      outcome: 'denied',
      context: { ipAddress: '192.0.2.1', route: '/orders/:id', path: '/orders/7', statusCode: 401 },
    });
    const { from, to, ...rest } = entry!.metadata as { from: string; to: string };
    expect(rest).toEqual({ count: 3 });
    expect(entry!.occurredAt).toBe(from);
    const instants = [before, from, to, new Date().toISOString()];
    expect(instants).toEqual([...instants].sort());
  });

  describe('of different callers', () => {
    it.each<[string, Call, Call]>([
      ['addresses', { from: '192.0.2.1' }, { from: '192.0.2.2' }],
      ['IPv6 networks', { from: '2001:db8:0:1::1' }, { from: '2001:db8:0:2::1' }],
      ['routes', { path: '/orders/1' }, { path: '/users/1' }],
      ['actions', { path: '/orders/1' }, { path: '/orders/1?status=429' }],
      ['actors', { as: { actor: 'eve' } }, { as: { actor: 'mallory' } }],
      ['one who is called as nobody is', { as: {} }, { as: { actor: 'undefined' } }],
      [
        'kinds of actors',
        { as: { actor: { id: '7', type: 'user' } } },
        { as: { actor: { id: '7', type: 'service' } } },
      ],
      [
        'those that somebody acts for',
        { as: { actor: { id: 'support', onBehalfOf: 'ada' } } },
        { as: { actor: { id: 'support', onBehalfOf: 'bob' } } },
      ],
      ['tenants', { as: { tenantId: 'acme' } }, { as: { tenantId: 'globex' } }],
      ['actors with a separator', { as: { actor: 'eve' } }, { as: { actor: 'eve\0' } }],
    ])('are separate: %s', async (_what, one, other) => {
      const app = await serveWith();
      await send(app, [...times(12, one), ...times(14, other)]);
      const entries = await app.entries();
      expect(single(entries)).toHaveLength(20);
      expect(counted(entries).map(countOf).sort()).toEqual([2, 4]);
    });

    it.each<[string, Call, Call]>([
      ['addresses of one IPv6 network', { from: '2001:db8::1' }, { from: '2001:DB8:0:0:ffff::9' }],
      ['an IPv4 address as IPv6', { from: '192.0.2.1' }, { from: '::ffff:192.0.2.1' }],
      ['an IPv4 address in hex', { from: '192.0.2.1' }, { from: '::ffff:c000:201' }],
      ['401 and 403', { path: '/orders/1' }, { path: '/orders/1?status=403' }],
      ['ways to name an actor', { as: { actor: '7' } }, { as: { actor: { id: 7, name: 'Seven' } } }],
    ])('are not: %s', async (_what, one, other) => {
      const app = await serveWith();
      await send(app, [...times(6, one), ...times(8, other)]);
      const entries = await app.entries();
      expect(single(entries)).toHaveLength(10);
      expect(counted(entries).map(countOf)).toEqual([4]);
    });
  });

  it('never show a token that an application takes for its actor’s id', async () => {
    const app = await serveWith();
    const actor = 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
    await send(app, times(12, { as: { actor } }));
    const entries = await app.entries();
    expect(sumOf(entries)).toBe(12);
    expect(entries).toHaveLength(11);
    expect(JSON.stringify(entries)).not.toContain('eyJ');
  });

  it('of a tenant whose name cannot be stored are its own, and take nothing from others', async () => {
    const app = await serveWith();
    await send(app, times(12, { as: { tenantId: 'acme\u0000192.0.2.1\u0000', actor: 'eve' } }));
    await send(app, times(12, { as: { tenantId: 'acme', actor: 'eve' } }));
    await send(app, times(3, { as: { tenantId: 'x'.repeat(257) } }));
    const entries = await app.entries();
    expect(sumOf(entries)).toBe(12 + 12 + 3);
    expect(sumOf(entries.filter(({ tenantId }) => tenantId === 'acme'))).toBe(12);
    expect(new Set(entries.map(({ tenantId }) => tenantId)).size).toBe(3);
    expect(app.errors).toEqual([]);
  });

  it('are ended by their window', async () => {
    const app = await serveWith();
    await send(app, times(15));
    app.advance(60_000);
    await send(app, times(15));
    const entries = await app.entries();
    expect(single(entries)).toHaveLength(20);
    expect(counted(entries).map(countOf)).toEqual([5, 5]);
  });

  it('are not counted where a handler records the failure itself', async () => {
    const app = await serveWith((it) =>
      it.get('/orders/:id', (req, res) => {
        void req.audit({ action: 'order.read', tenantId: 'acme', outcome: 'denied' });
        res.sendStatus(403);
      }),
    );
    await send(app, times(25));
    const entries = await app.entries();
    expect(entries).toHaveLength(25);
    for (const { action, metadata } of entries) expect([action, metadata]).toEqual(['order.read', undefined]);
  });

  it('are counted beside what a handler records of its successes, which are not', async () => {
    const app = await serveWith((it) =>
      it.get('/orders/:id', (req, res) => {
        void req.audit({ action: 'order.looked', tenantId: 'acme' });
        res.sendStatus(403);
      }),
    );
    await send(app, times(25));
    const entries = await app.entries();
    expect(entries.filter(({ action }) => action === 'order.looked')).toHaveLength(25);
    expect(counted(entries).map(countOf)).toEqual([15]);
  });

  it('by many addresses are 50 of them, two more for each second, and one entry for the others', async () => {
    const app = await serveWith();
    await send(
      app,
      Array.from({ length: MANY }, (_, n) => ({ from: `10.0.${n >> 8}.${n & 255}` })),
    );
    const entries = await app.entries();
    const own = entries.filter(({ actor }) => actor !== 'various');
    const times = own.map(({ occurredAt }) => Date.parse(occurredAt));
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    expect(own.length).toBeGreaterThanOrEqual(50);
    expect(own.length).toBeLessThanOrEqual(51 + 2 * seconds);
    expect(counted(entries)).toMatchObject([{ actor: 'various', metadata: { count: MANY - own.length } }]);
    expect(app.errors).toEqual([]);
  });

  it('by one address many times are ten entries and one', async () => {
    const app = await serveWith();
    await send(app, times(MANY));
    const entries = await app.entries();
    expect(entries).toHaveLength(11);
    expect(sumOf(entries)).toBe(MANY);
  });
});
