import { request } from 'node:http';
import compression from 'compression';
import type { Application } from 'express';
import supertest from 'supertest';
import { type Audit, auditRouter } from '../../../../index';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { EXPRESSES, serve } from '../../../support/served';
import { testLedger } from '../../../support/served-ledger';

const PATHS = ['/entries', '/entries/e1', '/session', '/openapi.json', '/entries/none', '/', '/verify.html'];

/** What applications set, or put in place of Express's own methods. */
const HABITS: [string, (app: Application) => void][] = [
  [
    'json replacer',
    (app) => app.set('json replacer', (_: string, value: unknown) => (value === 'ada' ? 'x' : value)),
  ],
  ['json spaces', (app) => app.set('json spaces', 2)],
  ['json escape', (app) => app.set('json escape', true)],
  ['etag', (app) => app.set('etag', false)],
  ['etag of its own', (app) => app.set('etag', () => '"constant"')],
  [
    'wrapped methods',
    (app) =>
      app.use((_req, res, next) => {
        const [json, send] = [res.json.bind(res), res.send.bind(res)];
        res.json = (body: unknown) => json({ data: body });
        res.send = (body: unknown) => send(`wrapped ${String(body)}`);
        next();
      }),
  ],
];

describe.each(EXPRESSES)('what auditRouter sends in %s', (_name, express) => {
  let audit: Audit;
  beforeAll(async () => {
    ({ audit } = testLedger(new MemoryStore()));
    await audit.event({
      tenantId: 'acme',
      id: 'e1',
      action: 'a.b',
      actor: 'ada',
      metadata: { html: '<b>&' },
    });
  });

  async function served(prepare: (app: Application) => void): Promise<string> {
    const app = express();
    app.set('env', 'test');
    prepare(app);
    app.use('/audit', auditRouter({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    return (await serve(app)).url;
  }

  const seen = async (url: string, path: string) => {
    const { status, text, headers } = await supertest(url).get(`/audit${path}`);
    const { etag, 'content-type': type, 'content-length': length } = headers;
    return { status, text, etag, type, length };
  };

  it.each(HABITS)('does not depend on the application: %s', async (_habit, prepare) => {
    const [plain, own] = [await served(() => undefined), await served(prepare)];
    for (const path of PATHS) expect(await seen(own, path)).toEqual(await seen(plain, path));
  });

  it('says its type, its length, and its charset', async () => {
    const { text, type, length } = await seen(await served(() => undefined), '/entries');
    expect(type).toBe('application/json; charset=utf-8');
    expect(length).toBe(`${Buffer.byteLength(text)}`);
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('is the headers alone for HEAD, and nothing for who has it', async () => {
    const url = await served(() => undefined);
    const { etag, length } = await seen(url, '/entries');
    const head = await supertest(url).head('/audit/entries').expect(200);
    expect(head.headers).toMatchObject({ 'content-length': length, etag });
    const known = await supertest(url)
      .get('/audit/entries')
      .set('If-None-Match', `"x", ${etag as string}`);
    expect([known.status, known.text]).toEqual([304, '']);
  });

  it('is still compressed by who does that', async () => {
    const url = await served((app) => app.use(compression({ threshold: 0 })));
    const plain = await served(() => undefined);
    const encoding = await new Promise((resolve, reject) =>
      request(`${url}/audit/entries`, { headers: { 'Accept-Encoding': 'gzip' } }, (res) => {
        res.resume();
        resolve(res.headers['content-encoding']);
      })
        .on('error', reject)
        .end(),
    );
    expect(encoding).toBe('gzip');
    expect((await supertest(url).get('/audit/entries')).text).toBe((await seen(plain, '/entries')).text);
  });
});
