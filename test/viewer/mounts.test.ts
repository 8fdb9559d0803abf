import type { RequestListener } from 'node:http';
import express from 'express';
import type { Page } from 'playwright-core';
import { auditRouter } from '../../index';
import { type Example, listen, startExample } from '../support/example';
import { proxyTo } from '../support/proxy';
import { recordSome } from '../support/some-entries';
import { Trail } from '../support/trail-page';

const SIZE = 20;

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await recordSome(example.audit, SIZE);
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
});

/** Uses all that asks the server for something; gives the paths that were asked for. */
async function useAll(page: Page, address: string): Promise<string[]> {
  const urls: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('blob:')) urls.push(request.url());
  });
  await page.goto(address);
  const trail = new Trail(page);
  await trail.marks(SIZE, 'checked');
  await trail.isLive();
  await trail.field('Action').click();
  await page.getByRole('option', { name: 'org.*' }).waitFor();
  await page.keyboard.press('Escape');
  await trail.openEntry(5);
  await page.reload(); // the entry is asked for by its name
  await trail.shows(5);
  const downloading = page.waitForEvent('download');
  await trail.button('Export').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
  await downloading;
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await trail.button('Check the whole trail').click();
  await page.getByRole('dialog').getByText('The trail is intact').waitFor();
  await page.getByRole('dialog').getByRole('link', { name: 'Check an evidence file' }).click();
  await page.waitForURL('**/verify.html');
  expect(new Set(urls.map((url) => new URL(url).origin))).toEqual(new Set([new URL(address).origin]));
  return urls.map((url) => new URL(url).pathname);
}

const PARTS = [
  'actions',
  'checkpoint',
  'entries',
  'export',
  'histogram',
  'session',
  'stream',
  'streams',
  'verify',
  'verify.html',
  'viewer.css',
  'viewer.js',
];

function expectBeneath(prefix: string, paths: string[]): void {
  expect(paths.filter((path) => !path.startsWith(prefix))).toEqual([]);
  const parts = new Set(paths.map((path) => path.slice(prefix.length).split('/')[0]));
  expect([...parts].sort()).toEqual(['', ...PARTS]);
}

describe('the page', () => {
  it('works at another path than the example’s, with parameters in it', async () => {
    const { audit } = example;
    const app = express();
    const identify = () => ({ tenantId: 'acme', actor: 'ada' });
    app.use('/:customer/security%20log', auditRouter({ audit, identify }));
    const url = await listen(app as RequestListener);
    const page = await example.browse({ user: null });
    expectBeneath('/c%C3%BCst/security%20log/', await useAll(page, `${url}/c%C3%BCst/security%20log/`));
  });

  it('works at the root', async () => {
    const { audit } = example;
    const app = express();
    app.use(auditRouter({ audit, identify: () => ({ tenantId: 'acme', actor: 'ada' }) }));
    const url = await listen(app as RequestListener);
    const page = await example.browse({ user: null });
    expectBeneath('/', await useAll(page, `${url}/`));
  });

  it('works behind a proxy that has it elsewhere, and asks for nothing outside of there', async () => {
    const [there, here] = ['/customers/acme/trail', '/audit'];
    const path = (asked: string) => (asked.startsWith(there) ? here + asked.slice(there.length) : null);
    const url = await listen(proxyTo(example.url, { path }));
    const page = await example.browse();
    expectBeneath(`${there}/`, await useAll(page, `${url}${there}/`));
  });

  it('is found without the slash at its end, there, too', async () => {
    const [there, here] = ['/customers/acme/audit', '/audit'];
    const path = (asked: string) => (asked.startsWith(there) ? here + asked.slice(there.length) : null);
    const url = await listen(proxyTo(example.url, { path }));
    const page = await example.browse();
    await page.goto(`${url}${there}?outcome=denied`);
    expect(page.url()).toBe(`${url}${there}/?outcome=denied`);
    await page.locator('[data-seq="13"]').waitFor();
  });
});
