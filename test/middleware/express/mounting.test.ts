import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import compression from 'compression';
import type { Express, RequestHandler, Response } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { type TestLedger, serveLedger, type ServedLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const download: RequestHandler = (_req, res) => void res.send('a,b');
const refuse: RequestHandler = (_req, res) => void res.sendStatus(401);

describe.each(EXPRESSES)('auditMiddleware mounted in %s', (_name, express) => {
  const store = new MemoryStore();

  const audited = ({ audit }: TestLedger) => auditMiddleware({ audit, identify });

  /** What was captured, in few words. */
  async function capturedBy(app: ServedLedger): Promise<string[]> {
    const entries = await app.entries();
    return entries.map(({ action, context, metadata }) => {
      const { route } = context as { route?: string };
      return `${action} ${route} ${(metadata as { responseSize?: number } | undefined)?.responseSize}`;
    });
  }

  describe.each([
    ['the parent', true, false],
    ['the application in it', false, true],
    ['both', true, true],
  ])('in %s', (_where, parent, child) => {
    function serveNested(): Promise<ServedLedger> {
      return serveLedger(store, (ledger) => {
        const [inner, outer] = [express(), express()];
        if (child) inner.use(audited(ledger));
        inner.get('/:id/data.csv', download);
        inner.get('/:id', refuse);
        if (parent) outer.use(audited(ledger));
        outer.use('/inner', inner);
        outer.get('/inner/:a/:b', (req, res) => void res.json([req.params, req.baseUrl, req.app === outer]));
        return outer;
      });
    }

    it('captures once, with the whole route', async () => {
      const app = await serveNested();
      for (let i = 0; i < 2; i++) {
        await supertest(app.url).get('/inner/7/data.csv').expect(200);
        await supertest(app.url).get('/inner/7').expect(401);
      }
      const once = ['data.export /inner/:id/data.csv 3', 'auth.unauthorized_access /inner/:id undefined'];
      expect(await capturedBy(app)).toEqual([...once, ...once]);
    });

    it('leaves the request to the parent as it was', async () => {
      const app = await serveNested();
      const { body } = await supertest(app.url).get('/inner/7/x').expect(200);
      expect(body).toEqual([{ a: '7', b: 'x' }, '', true]);
    });
  });

  it('works in an application that another calls as a function', async () => {
    const app = await serveLedger(store, (ledger) => {
      const [inner, outer] = [express(), express()];
      inner.use(audited(ledger));
      inner.get('/data.csv', download);
      outer.use('/inner', (req, res) => void inner(req, res));
      return outer;
    });
    await supertest(app.url).get('/inner/data.csv').expect(200);
    expect((await app.entries())[0]).toMatchObject({ metadata: { responseSize: 3 } });
  });

  it('captures once in each of two ledgers that are mounted in turns', async () => {
    const other = await serveLedger(store, () => express());
    const app = await serveLedger(store, (ledger) => {
      const it = express();
      it.use(audited(ledger), audited(other), audited(ledger));
      return it.get('/:id/data.csv', download);
    });
    await supertest(app.url).get('/7/data.csv').expect(200);
    expect(await capturedBy(app)).toEqual(['data.export /:id/data.csv 3']);
    expect(await other.recorded.first(1)).toMatchObject([
      { context: { route: '/:id/data.csv' }, metadata: { responseSize: 3 } },
    ]);
  });

  it('has no part in requests that do not pass it', async () => {
    const app = await serveLedger(store, (ledger) => {
      const it = express();
      it.get('/free.csv', download);
      it.use(audited(ledger));
      return it.get('/data.csv', download);
    });
    for (const path of ['/free.csv', '/data.csv', '/free.csv'])
      expect((await supertest(app.url).get(path).buffer()).text).toBe('a,b');
    expect(await capturedBy(app)).toEqual(['data.export /data.csv 3']);
  });

  describe('when others put methods of their own on a response', () => {
    /** Passes on what it is given, by methods that it finds when the request passes. */
    const passing: RequestHandler = (_req, res, next) => {
      const { write, end, writeHead } = res as unknown as Record<string, (...args: unknown[]) => never>;
      const own = {
        write: (...args: unknown[]) => write!.apply(res, args),
        end: (...args: unknown[]) => end!.apply(res, args),
        writeHead: (...args: unknown[]) => writeHead!.apply(res, args),
      };
      Object.assign(res, own);
      next();
    };

    it.each([
      ['before it', (it: Express, own: RequestHandler) => it.use(passing, own)],
      ['after it', (it: Express, own: RequestHandler) => it.use(own, passing)],
      ['on both sides', (it: Express, own: RequestHandler) => it.use(passing, own, passing)],
    ])('%s: counts each byte once', async (_where, mount) => {
      const app = await serveLedger(store, (ledger) => {
        const it = express();
        mount(it, audited(ledger));
        it.get('/data.csv', (_req, res) => {
          res.write('abc');
          res.end('de');
        });
        return it.get('/no', refuse);
      });
      for (let i = 0; i < 2; i++) await supertest(app.url).get('/data.csv').expect(200);
      await supertest(app.url).get('/no').expect(401);
      const [first, second] = ['data.export /data.csv 5', 'auth.unauthorized_access /no undefined'];
      expect(await capturedBy(app)).toEqual([first, first, second]);
    });

    it('counts what is handed to `compression()` when that is mounted first', async () => {
      const app = await serveLedger(store, (ledger) => {
        const it = express();
        it.use(compression({ threshold: 0 }), audited(ledger));
        return it.get('/data.csv', (_req, res) => void res.type('csv').send('x'.repeat(5_000)));
      });
      await supertest(app.url).get('/data.csv').set('Accept-Encoding', 'gzip').expect(200);
      expect(await capturedBy(app)).toEqual(['data.export /data.csv 5000']);
    });
  });

  it('works for a request that was under way when another was the first to pass', async () => {
    const waiting: Response[] = [];
    const app = await serveLedger(store, (ledger) => {
      const it = express();
      it.get('/:id/late.csv', (_req, res, next) => {
        waiting.push(res);
        res.once('go', next);
      });
      it.use(audited(ledger));
      it.get('/:id/late.csv', download);
      return it.get('/first.csv', download);
    });
    const late = supertest(app.url)
      .get('/7/late.csv')
      .then(({ status }) => status);
    while (waiting.length === 0) await new Promise(setImmediate);
    await supertest(app.url).get('/first.csv').expect(200);
    waiting[0]!.emit('go');
    expect(await late).toBe(200);
    expect(await capturedBy(app)).toEqual(['data.export /first.csv 3', 'data.export /:id/late.csv 3']);
  });

  it('keeps responses on one connection apart: pipelined, HEAD, refused', async () => {
    const app = await serveLedger(store, (ledger) => {
      const it = express();
      it.use(audited(ledger));
      it.get('/:size/file.csv', (req, res) => {
        setTimeout(() => res.send(Buffer.alloc(Number(req.params.size))), 20 - Number(req.params.size));
      });
      return it.use(refuse);
    });
    const socket = connectSocket(app.port, '127.0.0.1').resume();
    const ask = (line: string) => `${line} HTTP/1.1\r\nHost: a\r\n\r\n`;
    socket.write(['GET /1/file.csv', 'HEAD /9/file.csv', 'GET /x', 'GET /5/file.csv'].map(ask).join(''));
    const captured = await app.recorded.first(4);
    socket.destroy();
    await once(socket, 'close');
    expect(
      captured.map(({ action, metadata }) => [
        action,
        (metadata as { responseSize?: number } | undefined)?.responseSize,
      ]),
    ).toEqual([
      ['data.export', 1],
      ['data.export', 0],
      ['auth.unauthorized_access', undefined],
      ['data.export', 5],
    ]);
  });

  describe('when the client hangs up', () => {
    /** Asks for a path and hangs up when `begun` has happened. */
    async function hangUp(app: ServedLedger, path: string, begun: Promise<unknown>): Promise<void> {
      const socket = connectSocket(app.port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await begun;
      socket.destroy();
    }

    it('before the answer: records each once, whatever became of the connection', async () => {
      let begin: () => void = () => undefined;
      const app = await serveLedger(store, (ledger) => {
        const it = express();
        it.use(audited(ledger));
        it.get('/:status/x.csv', (req, res) => {
          res.on('close', () => setImmediate(() => res.status(Number(req.params.status)).end('abc').end()));
          begin();
        });
        return it;
      });
      for (const status of [200, 403])
        await hangUp(app, `/${status}/x.csv`, new Promise<void>((resolve) => (begin = resolve)));
      await app.recorded.first(2);
      expect(
        (await app.entries()).map(({ action, metadata, context }) => [
          action,
          metadata,
          (context as { path: string }).path,
        ]),
      ).toEqual([
        ['data.export', { method: 'GET', responseSize: 0, completed: false }, '/200/x.csv'],
        ['auth.unauthorized_access', { completed: false }, '/403/x.csv'],
      ]);
    });

    it('within a refusal: records it once', async () => {
      const app = await serveLedger(store, (ledger) => {
        const it = express();
        it.use(audited(ledger));
        it.use((_req, res) => void res.status(429).write('slow down'));
        return it;
      });
      const socket = connectSocket(app.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(socket, 'data');
      socket.destroy();
      expect(await app.recorded.first(1)).toMatchObject([
        { action: 'security.rate_limited', metadata: { completed: false } },
      ]);
      expect(await app.entries()).toHaveLength(1);
    });
  });
});
