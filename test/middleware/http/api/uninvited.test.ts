import type { Express, Request } from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../../index';
import { assertInvited } from '../../../../middleware/http/api/uninvited';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { EXPRESSES } from '../../../support/served';
import { serveLedger } from '../../../support/served-ledger';

type Headers = Record<string, string>;

const IMAGE = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' };
const FRAME = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' };
const SCRIPT = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' };
const MAIL = {
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-User': '?1',
};
const PAGE = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' };
const TYPED = { ...MAIL, 'Sec-Fetch-Site': 'none' };
const SIBLING = { 'Sec-Fetch-Site': 'same-site' };
const BEARER = { Authorization: 'Bearer secret-of-a-program' };

/** Whether each is let in to what is cheap, and to what is recorded or costly. */
const CASES: [string, Headers, cheap: boolean, dear: boolean][] = [
  ['a program', {}, true, true],
  ['an old browser', { 'User-Agent': 'Mozilla/4.0' }, true, true],
  ['the page', PAGE, true, true],
  ['a typed address', TYPED, true, true],
  ['a link in a mail', MAIL, true, false],
  ['an image elsewhere', IMAGE, false, false],
  ['a frame elsewhere', FRAME, false, false],
  ['a script elsewhere', SCRIPT, false, false],
  ['a script elsewhere that has a token', { ...SCRIPT, ...BEARER }, true, true],
  ['a script elsewhere, with what browsers add', { ...SCRIPT, Authorization: 'Basic YTpi' }, false, false],
  ['a header sent twice', { ...PAGE, 'Sec-Fetch-Site': 'same-origin, cross-site' }, false, false],
  ['a header in capitals', { ...IMAGE, 'Sec-Fetch-Site': 'CROSS-SITE' }, false, false],
  ['an image of a sibling', { ...IMAGE, ...SIBLING }, false, false],
  ['a frame of a sibling', { ...FRAME, ...SIBLING }, false, false],
  ['a script of a sibling', { ...SCRIPT, ...SIBLING }, true, true],
  ['a link of a sibling', { ...MAIL, ...SIBLING }, true, true],
  ['a sibling that sends its user on', { ...MAIL, ...SIBLING, 'Sec-Fetch-User': '' }, true, false],
  ['a prefetch', { ...PAGE, 'Sec-Purpose': 'prefetch' }, true, false],
  ['a prerender of a typed address', { ...TYPED, 'Sec-Purpose': 'prefetch;prerender' }, true, false],
  ['a prefetch of an older browser', { Purpose: 'prefetch' }, true, false],
  ['a preview', { 'X-Purpose': 'preview' }, true, false],
  ['a prefetch of Firefox', { 'X-Moz': 'prefetch' }, true, false],
];

describe('who is asked by', () => {
  it.each(CASES)('%s is let in as far as it was meant', (_who, headers, cheap, dear) => {
    const names = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const isLetIn = (isDear: boolean) => {
      try {
        assertInvited({ header: (name) => names.get(name) }, { isDear });
        return true;
      } catch {
        return false;
      }
    };
    expect([isLetIn(false), isLetIn(true)]).toEqual([cheap, dear]);
  });
});

describe.each(EXPRESSES)('a request that another site makes a browser send, in %s', (_name, express) => {
  function serveRouter(options: AuditRouterOptions = {}) {
    return serveLedger(new MemoryStore(), ({ audit }) => {
      const app: Express = express();
      app.set('env', 'test');
      const identify = (_req: Request) => ({ actor: 'victim', tenantId: 'acme' });
      app.use(auditMiddleware({ audit, identify }));
      app.use('/audit', auditRouter({ audit, ...options }));
      return app;
    });
  }

  it.each(['/export?actor=ceo', '/verify', '/histogram', '/stream', '/entries', '/entries/x', '/'])(
    'leaves no entry in the name of its user: an image at %s',
    async (path) => {
      const app = await serveRouter({ recordAccess: 'all', authorize: () => false });
      const { status, body } = await supertest(app.url).get(`/audit${path}`).set(IMAGE);
      expect([status, body]).toEqual([403, expect.objectContaining({ code: 'CROSS_SITE_REQUEST' })]);
      expect(await app.entries()).toEqual([]);
    },
  );

  it.each([
    ['a prefetch', { 'Sec-Purpose': 'prefetch' }],
    ['a prerender', { 'Sec-Purpose': 'prefetch;prerender', ...TYPED }],
    ['a link of a mail', MAIL],
  ])('records no export, and says why: %s', async (_what, headers) => {
    const app = await serveRouter({ recordAccess: 'all' });
    for (const path of ['/export', '/verify', '/entries']) {
      const { status, body } = await supertest(app.url).get(`/audit${path}`).set(headers);
      expect(status).toBe(403);
      expect((body as { detail: string }).detail).toMatch(/open/);
    }
    expect(await app.entries()).toEqual([]);
  });

  it('records nothing for the headers alone', async () => {
    const app = await serveRouter({ recordAccess: 'all' });
    for (const path of ['/export', '/verify', '/entries', '/entries/none', '/histogram', '/stream'])
      expect((await supertest(app.url).head(`/audit${path}`)).status).toBe(200);
    expect(await app.entries()).toEqual([]);
  });

  it('opens the page from a mail, whose own requests go on as before', async () => {
    const app = await serveRouter();
    const page = await supertest(app.url).get('/audit/').set(MAIL).expect(200);
    expect(page.type).toBe('text/html');
    await supertest(app.url).get('/audit?actor=ceo').set(MAIL).expect(302);
    for (const headers of [{}, PAGE, TYPED])
      for (const path of ['/session', '/entries', '/histogram', '/verify', '/export'])
        await supertest(app.url).get(`/audit${path}`).set(headers).expect(200);
  });
});
