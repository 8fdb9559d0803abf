import type * as FileSystem from 'node:fs/promises';
import type { Express } from 'express';
import supertest from 'supertest';
import { type Audit, auditRouter, type AuditRouterOptions } from '../../../../index';
import type * as Pages from '../../../../viewer/files';
import { pageOf } from '../../../../middleware/http/api/viewer-files';
import { EXPRESSES, serve } from '../../../support/served';
import { memoryLedger } from '../../../support/memory-ledger';

const FILES = ['viewer.js', 'viewer.css', 'verify.html'];

describe.each(EXPRESSES)('the page of auditRouter in %s', (_name, express) => {
  let audit: Audit;
  beforeAll(() => {
    ({ audit } = memoryLedger());
  });

  async function served(options: AuditRouterOptions = {}, mount = '/audit', around?: (app: Express) => void) {
    const app = express();
    app.set('env', 'test');
    around?.(app);
    const identify = () => ({ actor: 'ada', tenantId: 'acme' });
    app.use(mount, auditRouter({ audit, identify, ...options }));
    return supertest((await serve(app)).url);
  }

  it('is HTML that runs nothing but the viewer’s own script', async () => {
    const { text, type, headers } = await (await served()).get('/audit/').expect(200);
    expect(type).toBe('text/html');
    expect(text).toContain('<script src="viewer.js" defer></script>');
    expect(text).not.toMatch(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=/);
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it('is read again after a failure', async () => {
    jest.resetModules();
    const { readViewerFile } = jest.requireActual<typeof Pages>('../../../../viewer/files');
    const reading = jest.spyOn(jest.requireActual<typeof FileSystem>('node:fs/promises'), 'readFile');
    reading.mockRejectedValueOnce(new Error('EMFILE'));
    await expect(readViewerFile('index.html')).rejects.toThrow('EMFILE');
    expect(await readViewerFile('index.html')).toContain('<script');
    expect(await readViewerFile('index.html')).toContain('<script');
    expect(reading).toHaveBeenCalledTimes(2);
    reading.mockRestore();
  });

  it.each<[string, number, AuditRouterOptions]>([
    ['nobody', 401, { identify: () => ({}) }],
    ['somebody without a tenant', 401, { identify: () => ({ actor: 'ada' }) }],
    ['who may not read', 403, { authorize: (_req, permission) => permission !== 'read' }],
  ])('says by its status that %s sees nothing', async (_who, status, options) => {
    const { type, text } = await (await served(options)).get('/audit/').expect(status);
    expect(type).toBe('text/html');
    expect(text).toContain('viewer.js');
  });

  it.each(['/audit', '/a/b/trail'])(
    'is asked for with a slash, by an address that any proxy leaves right: %s',
    async (mount) => {
      const { headers } = await (await served({}, mount)).get(`${mount}?actor=a%2Fb`).expect(302);
      const last = mount.split('/').at(-1)!;
      expect(headers['location']).toBe(`./${last}/?actor=a%2Fb`);
      expect(new URL(headers['location'] as string, `https://proxy.example/x${mount}`).pathname).toBe(
        `/x${mount}/`,
      );
    },
  );

  it('is not redirected elsewhere', () => {
    expect(pageOf('//evil.example')).toBe('./evil.example/');
    expect(pageOf('/audit/')).toBeNull();
    expect(pageOf('/a/audit', 'trail.html')).toBe('./audit/trail.html');
  });

  it.each(FILES)('is asked whether it is still the same: %s', async (name) => {
    const agent = await served();
    const { headers } = await agent.get(`/audit/${name}`).expect(200);
    expect(headers['cache-control']).toBe('private, no-cache');
    await agent
      .get(`/audit/${name}`)
      .set('If-None-Match', headers['etag'] as string)
      .expect(304);
    await agent.head(`/audit/${name}`).expect(200);
  });

  it('has a verifier that names its own script and style', async () => {
    const { headers, text } = await (await served()).get('/audit/verify.html').expect(200);
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
    expect(policy).not.toMatch(/unsafe|connect-src|self'.*script/);
    expect(text).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('keeps its policy where the application has another', async () => {
    const around = (app: Express) =>
      app.use((_req, res, next) => {
        res.set('Content-Security-Policy', "default-src 'self'");
        next();
      });
    const { headers } = await (await served({}, '/audit', around)).get('/audit/').expect(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
  });

  it('is small: at most 64 KB of script and style over the wire', async () => {
    const { gzipSync } = await import('node:zlib');
    const agent = await served();
    let bytes = 0;
    for (const name of ['viewer.js', 'viewer.css'])
      bytes += gzipSync((await agent.get(`/audit/${name}`).buffer().expect(200)).text).length;
    expect(bytes).toBeLessThan(64_000);
  });
});
