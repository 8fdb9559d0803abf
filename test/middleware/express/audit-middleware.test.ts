import { EventEmitter, once } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import type { Connection } from 'mongoose';
import supertest from 'supertest';
import { auditMiddleware, isAuditError } from '../../../index';
import { connect } from '../../support/connection';
import { EXPRESSES, serve } from '../../support/served';
import { type TestLedger, serveLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const capture = { authFailures: false, exports: false };

describe.each(EXPRESSES)('auditMiddleware in %s', (_name, express) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
  });

  function audited({ audit }: TestLedger, ...handlers: RequestHandler[]) {
    const app = express();
    app.use(auditMiddleware({ audit, identify, capture }));
    app.use(...handlers);
    return app;
  }

  describe('when it is mounted without a call', () => {
    it('answers the first request with an error that says so', async () => {
      const app = express();
      app.use(auditMiddleware as unknown as RequestHandler);
      app.set('env', 'test'); // Express logs no errors then
      const { url } = await serve(app);
      const { text } = await supertest(url).get('/').expect(500);
      expect(text).toContain('app.use(auditMiddleware())');
    });
  });

  describe('req.audit', () => {
    it('gives a receipt once the entry is durable', async () => {
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (req, res, next) => {
          req
            .audit({ action: 'org.created', resource: 'org-1' })
            .then(({ id, tenantId }) => ledger.audit.get({ id, tenantId }))
            .then((entry) => res.json(entry), next);
        }),
      );
      const { body } = await supertest(app.url).get('/').expect(200);
      expect(body).toMatchObject({ tenantId: 'acme', actor: 'ada', resource: 'org-1' });
    });

    it('refuses the ledger’s own names', async () => {
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (req, res) => {
          const forged = [{ action: 'ledger.checkpoint' }, { action: 'a', tenantId: 'system' }];
          void Promise.allSettled(forged.map((event) => req.audit(event))).then((results) =>
            res.json(results.map(({ status }) => status)),
          );
        }),
      );
      const { body } = await supertest(app.url).get('/').expect(200);
      expect(body).toEqual(['rejected', 'rejected']);
    });

    it('refuses an event without a tenant', async () => {
      const app = await serveLedger(connection, ({ audit }) => {
        const application = express();
        application.use(auditMiddleware({ audit, capture }));
        application.use((req, res) => {
          Object.assign(req, { user: { id: 'u', tenantId: 'system' } });
          req
            .audit({ action: 'a' })
            .catch((error: unknown) => res.json(isAuditError(error) && [error.code, error.status]));
        });
        return application;
      });
      expect((await supertest(app.url).get('/')).body).toEqual(['TENANT_REQUIRED', null]);
    });

    it('is still the request’s long after the response', async () => {
      let late: () => unknown = () => undefined;
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (req, res) => {
          late = () => req.audit({ action: 'export.finished' });
          res.end();
        }),
      );
      await supertest(app.url).get('/').expect(200);
      await app.settled();
      app.advance(45_000);
      await late();
      expect(await app.entries()).toMatchObject([
        { tenantId: 'acme', actor: 'ada', context: { method: 'GET', statusCode: 200 } },
      ]);
    });

    it('answers 503 while the queue is full', async () => {
      const app = await serveLedger(
        connection,
        (ledger) =>
          audited(ledger, (req, res, next) => {
            void req.audit({ action: 'first' });
            req.audit({ action: 'second' }).then(() => res.end(), next);
          }).set('env', 'test'),
        { limits: { queueEvents: 1 } },
      );
      const { text } = await supertest(app.url).get('/').expect(503);
      expect(text).toContain('queue is full');
      expect((await app.entries()).map(({ action }) => action)).toEqual(['first']);
    });

    it('answers 503 once the ledger is closed', async () => {
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (req, res, next) => {
          req.audit({ action: 'a' }).then(() => res.end(), next);
        }).set('env', 'test'),
      );
      await app.audit.close();
      await supertest(app.url).get('/').expect(503);
    });

    it('may be left alone: a failure is reported, and the answer is the handler’s', async () => {
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (req, res) => {
          void req.audit({ action: '' });
          res.end('fine');
        }),
      );
      const { text } = await supertest(app.url).get('/').expect(200);
      expect(text).toBe('fine');
      await app.settled();
      expect(app.errors).toMatchObject([{ code: 'INVALID_EVENT' }]);
    });
  });

  describe('audit.event in what a handler calls', () => {
    const own = { tenantId: 'acme', actor: 'ada', context: { method: 'POST', path: '/things/7' } };

    it('has the request’s scope through body parsing, await, timers and emitters', async () => {
      const app = await serveLedger(connection, ({ audit }) => {
        const emitter = new EventEmitter();
        emitter.on('made', () => void audit.event({ action: 'emitted' }));
        const application = express();
        application.use(auditMiddleware({ audit, identify, capture }));
        application.use(express.json());
        application.post('/things/:id', (_req, res, next) => {
          const service = async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            await audit.event({ action: 'timed' });
            await connection.collection('things').findOne({});
            emitter.emit('made');
            audit
              .batch()
              .event({ action: 'batched' })
              .commit()
              .then(() => res.end(), next);
          };
          service().catch(next);
        });
        return application;
      });
      await supertest(app.url)
        .post('/things/7')
        .send({ big: 'x'.repeat(50_000) })
        .expect(200);
      const entries = await app.entries();
      expect(entries.map(({ action }) => action).sort()).toEqual(['batched', 'emitted', 'timed']);
      for (const entry of entries) expect(entry).toMatchObject(own);
    });

    it('keeps requests that are under way at the same time apart', async () => {
      const app = await serveLedger(connection, ({ audit }) => {
        const application = express();
        const identifyByHeader = (req: Request) => ({ actor: req.get('x-user'), tenantId: 'acme' });
        application.use(auditMiddleware({ audit, identify: identifyByHeader, capture }));
        application.use((req, res, next) => {
          setImmediate(() => {
            audit.event({ action: 'a', metadata: { user: req.get('x-user') } }).then(() => res.end(), next);
          });
        });
        return application;
      });
      const users = Array.from({ length: 10 }, (_, i) => `user-${i}`);
      await Promise.all(users.map((user) => supertest(app.url).get('/').set('X-User', user).expect(200)));
      const entries = await app.entries();
      expect(entries).toHaveLength(10);
      for (const { actor, metadata } of entries) expect(metadata).toEqual({ user: actor });
    });

    it('has it until the application has answered, and no longer', async () => {
      const call = new EventEmitter();
      const app = await serveLedger(connection, (ledger) =>
        audited(ledger, (_req, res) => {
          // Promises keep the scope in which they were awaited, however late they settle.
          const later = async () => {
            await once(call, 'late');
            await ledger.audit
              .event({ action: 'late' })
              .catch((error: unknown) => call.emit('refused', error));
          };
          void later();
          void ledger.audit.event({ action: 'soon' });
          res.end();
        }),
      );
      await supertest(app.url).get('/').expect(200);
      const refused = once(call, 'refused');
      call.emit('late');
      expect(await refused).toMatchObject([{ code: 'TENANT_REQUIRED' }]);
      expect(await app.entries()).toMatchObject([{ action: 'soon', tenantId: 'acme', actor: 'ada' }]);
      expect(app.errors).toEqual([]); // who asked has handled it
    });

    it('has none outside of a request', async () => {
      const app = await serveLedger(connection, (ledger) => audited(ledger, (_req, res) => void res.end()));
      await supertest(app.url).get('/').expect(200);
      await expect(app.audit.event({ action: 'a' })).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
    });
  });

  describe('a switch of `capture`', () => {
    const throwing = () => {
      throw new Error('broken switch');
    };

    it.each([
      ['true', true, 1, 0],
      ['false', false, 0, 0],
      ['a function that says yes', () => true, 1, 0],
      ['a function that says no', () => false, 0, 0],
      [
        'a function of request and status',
        (req: Request, res: Response) => req.path === '/' && res.statusCode === 401,
        1,
        0,
      ],
      ['a function that throws, which counts as yes', throwing, 1, 1],
    ] as const)('may be %s', async (_form, authFailures, captured, reported) => {
      const app = await serveLedger(connection, ({ audit }) => {
        const application = express();
        application.use(auditMiddleware({ audit, identify, capture: { authFailures } }));
        application.use((_req, res) => void res.sendStatus(401));
        return application;
      });
      await supertest(app.url).get('/').expect(401);
      expect(await app.entries()).toHaveLength(captured);
      expect(app.errors).toHaveLength(reported);
    });
  });

  describe('when it is mounted twice with the same ledger', () => {
    it('captures once, with the identity of the inner one where that is mounted', async () => {
      const app = await serveLedger(connection, ({ audit }) => {
        const inner = express.Router();
        inner.use(auditMiddleware({ audit, identify: () => ({ actor: 'inner', tenantId: 'acme' }) }));
        inner.get('/data.csv', (_req, res) => void res.send('a,b'));
        const application = express();
        const all = { audit, identify, capture: { requests: true } };
        application.use(auditMiddleware(all), auditMiddleware(all));
        application.use('/api', inner);
        application.get('/data.csv', (_req, res) => void res.send('a,b'));
        return application;
      });
      for (const path of ['/api/data.csv', '/data.csv']) await supertest(app.url).get(path).expect(200);
      const entries = await app.entries();
      expect(entries.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
        'inner http.request',
        'inner data.export',
        'ada http.request',
        'ada data.export',
      ]);
      expect(entries[1]!.metadata).toMatchObject({ responseSize: 3 });
    });

    it('has the options of the inner one below it, and those that it leaves out from the outer one', async () => {
      const app = await serveLedger(connection, ({ audit }) => {
        const application = express();
        application.use(auditMiddleware({ audit, identify, capture: { authFailures: false } }));
        application.use('/admin', auditMiddleware({ audit, capture: { requests: true } }));
        application.use('/public', auditMiddleware({ audit, capture: { exports: false } }));
        application.get('/admin/no', (_req, res) => void res.sendStatus(403));
        application.use((_req, res) => void res.send('a,b'));
        return application;
      });
      for (const path of ['/x', '/admin/x', '/admin/no', '/public/a.csv', '/a.csv'])
        await supertest(app.url).get(path);
      const entries = await app.entries();
      expect(entries.map(({ action, actor, outcome }) => [action, actor, outcome])).toEqual([
        ['http.request', 'ada', 'success'],
        ['http.request', 'ada', 'denied'],
        ['data.export', 'ada', 'success'],
      ]);
    });
  });

  describe('when two ledgers are mounted', () => {
    it('captures once in each', async () => {
      const other = await serveLedger(connection, () => express());
      const app = await serveLedger(connection, ({ audit }) => {
        const application = express();
        application.use(auditMiddleware({ audit, identify }));
        application.use(auditMiddleware({ audit: other.audit, identify }));
        application.get('/data.csv', (_req, res) => void res.send('a,b'));
        return application;
      });
      await supertest(app.url).get('/data.csv').expect(200);
      for (const { recorded } of [app, other]) {
        await recorded.first(1);
        expect(await recorded.all()).toMatchObject([
          { action: 'data.export', metadata: { responseSize: 3 } },
        ]);
      }
    });
  });
});
