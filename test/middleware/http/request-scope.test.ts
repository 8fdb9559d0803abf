import { connect as connectSocket } from 'node:net';
import { once } from 'node:events';
import type { RequestHandler } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import type { AuditMiddlewareOptions } from '../../../middleware/express/options';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type ServedLedger } from '../../support/served-ledger';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const quiet = { authFailures: false, exports: false };

describe.each(EXPRESSES)('the context of a request in %s', (_name, express) => {
  const store = new MemoryStore();

  const identify = () => ({ actor: 'ada', tenantId: 'acme' });

  function serveHandler(
    handler: RequestHandler,
    options: AuditMiddlewareOptions = {},
  ): Promise<ServedLedger> {
    return serveLedger(store, ({ audit }) => {
      const members = express.Router();
      members.get('/members/:id', handler);
      const app = express();
      app.use(auditMiddleware({ audit, identify, capture: quiet, ...options }));
      app.use('/orgs/:orgId', members);
      return app;
    });
  }

  const recordAndAnswer: RequestHandler = (req, res, next) => {
    req.audit({ action: 'org.member.read' }).then((receipt) => res.json(receipt), next);
  };

  it('holds where the request came from and where it went', async () => {
    const app = await serveHandler(recordAndAnswer);
    await supertest(app.url)
      .get('/orgs/o-1/members/7?token=secret')
      .set({ 'User-Agent': 'browser', 'X-Request-Id': 'r-1', Traceparent: `00-${TRACE}-00f067aa0ba902b7-01` })
      .expect(200);
    const [entry] = await app.entries();
    expect(entry).toMatchObject({ tenantId: 'acme', actor: 'ada', action: 'org.member.read' });
    expect(entry!.context).toEqual({
      ipAddress: '127.0.0.1',
      userAgent: 'browser',
      method: 'GET',
      route: '/orgs/:orgId/members/:id',
      path: '/orgs/o-1/members/7',
      requestId: 'r-1',
      traceId: TRACE,
    });
  });

  it('has no status before the answer, and status and duration after it', async () => {
    const app = await serveHandler((req, res) => {
      res.on('finish', () => void req.audit({ action: 'after' }));
      void req.audit({ action: 'before' }).then(() => res.status(202).end());
    });
    await supertest(app.url).get('/orgs/1/members/2').expect(202);
    const [before, after] = await app.recorded.first(2);
    expect(before!.context).not.toHaveProperty('statusCode');
    expect(before!.context).not.toHaveProperty('durationMs');
    expect(after!.context).toMatchObject({ statusCode: 202, durationMs: expect.any(Number) as number });
  });

  it('takes what the caller says over what the request says', async () => {
    const app = await serveHandler((req, res, next) => {
      req
        .audit({
          action: 'support.login',
          actor: { id: 'root', type: 'service', name: 'Root', onBehalfOf: 'ada' },
          tenantId: 'other',
          context: { ipAddress: '10.0.0.1', requestId: 'mine' },
        })
        .then(() => res.end(), next);
    });
    await supertest(app.url).get('/orgs/1/members/2').expect(200);
    const [entry] = await app.entries();
    expect(entry).toMatchObject({
      tenantId: 'other',
      actor: 'root',
      actorType: 'service',
      onBehalfOf: 'ada',
    });
    expect(entry!.context).toMatchObject({ ipAddress: '10.0.0.1', requestId: 'mine', method: 'GET' });
  });

  it.each([
    ['a text', 'req-9', 'req-9'],
    ['a number', 9, '9'],
    ['neither', { nested: true }, 'from-header'],
  ])('prefers req.id over the header: %s', async (_kind, id, expected) => {
    const app = await serveHandler((req, res, next) => {
      Object.assign(req, { id });
      recordAndAnswer(req, res, next);
    });
    await supertest(app.url).get('/orgs/1/members/2').set('X-Request-Id', 'from-header').expect(200);
    expect((await app.entries())[0]!.context).toMatchObject({ requestId: expected });
  });

  it('cuts an oversized header instead of losing the event', async () => {
    const app = await serveHandler(recordAndAnswer);
    await supertest(app.url).get('/orgs/1/members/2').set('User-Agent', 'x'.repeat(5_000)).expect(200);
    const { userAgent } = (await app.entries())[0]!.context as { userAgent: string };
    expect(userAgent).toHaveLength(1_024);
    expect(userAgent.endsWith('…')).toBe(true);
  });

  it('redacts a secret in a header', async () => {
    const app = await serveHandler(recordAndAnswer);
    await supertest(app.url)
      .get('/orgs/1/members/2')
      .set({ 'User-Agent': 'Bearer abcdefghijkl', 'X-Request-Id': 'Basic dXNlcjpwYXNz' })
      .expect(200);
    expect((await app.entries())[0]!.context).toMatchObject({
      userAgent: '[REDACTED]',
      requestId: '[REDACTED]',
    });
  });

  it('leaves out an invalid traceparent', async () => {
    const app = await serveHandler(recordAndAnswer);
    await supertest(app.url).get('/orgs/1/members/2').set('Traceparent', `00-${TRACE}`).expect(200);
    expect((await app.entries())[0]!.context).not.toHaveProperty('traceId');
  });

  it('believes X-Forwarded-For only as far as `trust proxy` says', async () => {
    const build = (trusted: boolean) =>
      serveLedger(store, ({ audit }) => {
        const app = express();
        if (trusted) app.set('trust proxy', 1);
        app.use(auditMiddleware({ audit, identify, capture: quiet }));
        app.get('/', recordAndAnswer);
        return app;
      });
    const addresses = [];
    for (const trusted of [false, true]) {
      const app = await build(trusted);
      await supertest(app.url).get('/').set('X-Forwarded-For', '6.6.6.6, 192.0.2.7').expect(200);
      addresses.push((await app.entries())[0]!.context);
    }
    expect(addresses).toMatchObject([{ ipAddress: '127.0.0.1' }, { ipAddress: '192.0.2.7' }]);
  });

  describe('when the client hangs up before its answer', () => {
    /** Sends a request and destroys the socket when the handler has begun; the handler goes on after the abort. */
    async function hangUp(app: ServedLedger, begun: Promise<unknown>): Promise<void> {
      const socket = connectSocket(app.port, '127.0.0.1');
      socket.write('GET /orgs/1/members/2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await begun;
      socket.destroy();
    }

    it('still has its address, and the identity that is found afterwards', async () => {
      let begin: (value?: unknown) => void = () => undefined;
      const begun = new Promise((resolve) => (begin = resolve));
      const app = await serveHandler(
        (req, res) => {
          void once(res, 'close').then(() => {
            Object.assign(req, { user: { id: 'late', tenantId: 'acme' } });
            void req.audit({ action: 'order.paid' });
          });
          begin();
        },
        { identify: undefined, capture: { ...quiet, requests: true } },
      );
      await hangUp(app, begun);
      const entries = await app.recorded.first(2);
      expect(entries.find(({ action }) => action === 'order.paid')).toMatchObject({
        actor: 'late',
        tenantId: 'acme',
        context: { ipAddress: '127.0.0.1' },
      });
      expect(app.errors).toEqual([]);
    });
  });

  describe('when `identify` fails', () => {
    it.each([
      ['throws', () => JSON.parse('{') as never],
      ['gives a promise', () => Promise.reject(new Error('late')) as never],
      ['gives a text', () => 'ada' as never],
    ])('%s: records an anonymous event, and reports', async (_how, failing) => {
      const app = await serveHandler(
        (req, res, next) => {
          req.audit({ action: 'org.read', tenantId: 'acme' }).then(() => res.end(), next);
        },
        { identify: failing },
      );
      await supertest(app.url).get('/orgs/1/members/2').expect(200);
      expect(await app.entries()).toMatchObject([{ actor: 'anonymous', actorType: 'anonymous' }]);
      expect(app.errors.map(({ message }) => message)).toEqual([expect.stringMatching(/`identify`/)]);
    });
  });
});
