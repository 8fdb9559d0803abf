import type { RequestListener } from 'node:http';
import express from 'express';
import type { Request, Route } from 'playwright-core';
import { auditRouter } from '../../index';
import { expectComplaint } from '../support/chromium';
import { type Example, listen, startExample } from '../support/example';
import { recordSome } from '../support/some-entries';
import { eventually } from '../support/eventually';

const SIZE = 250;
const ENTRIES = '**/audit/entries?*';

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await recordSome(example.audit, SIZE);
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
});

/** A problem as the server tells it (RFC 9457). */
const failing = (route: Route) =>
  route.fulfill({
    status: 503,
    contentType: 'application/problem+json',
    body: JSON.stringify({ status: 503, detail: 'The database is away.' }),
  });

describe('the page', () => {
  it('is opened by the form of the start page', async () => {
    const page = await example.browse({ user: null });
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in and open the audit trail' }).click();
    await page.waitForURL('**/audit/');
    await page.getByRole('heading', { name: 'Audit trail' }).waitFor();
    await page.getByRole('grid').getByText('auth.login').first().waitFor();
    expect(await page.title()).toBe('Audit trail');
  });

  it('says that there is nothing where nothing was recorded', async () => {
    // A customer of the example has an entry at least: that of the sign-in.
    const { audit } = example;
    const app = express();
    app.use('/audit', auditRouter({ audit, identify: () => ({ tenantId: 'new', actor: 'ada' }) }));
    expectComplaint(/404/); // there is no checkpoint either
    const trail = await example.open({ user: null, baseURL: await listen(app as RequestListener) });
    await trail.text('Nothing has been recorded yet').waitFor();
    await trail.text('Nothing signed yet').waitFor();
    await trail.text('No entries in this period.').waitFor();
    await trail.isLive();
    await audit.event({ tenantId: 'new', action: 'org.create', actor: 'ada' });
    await trail.row(1).waitFor();
  });

  it('says that no entry matches, and leads back', async () => {
    const trail = await example.open({ path: '/audit/?actor=nobody&outcome=denied' });
    await trail.text('No entry matches these filters').waitFor();
    await trail.page.getByRole('main').getByRole('button', { name: 'Reset filters' }).click();
    await trail.row(SIZE).waitFor();
  });

  it('shows that it is loading', async () => {
    const page = await example.browse({ own: true });
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route(ENTRIES, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/audit/');
    await page.getByText('Loading entries …').waitFor({ state: 'attached' });
    await page.locator('[aria-busy="true"]').waitFor();
    expect(await page.getByRole('grid').count()).toBe(0);
    goOn();
    await page.getByRole('grid').waitFor();
    expect(await page.locator('[aria-busy="true"]').count()).toBe(0);
  });

  it('says why entries could not be loaded, and tries again', async () => {
    const page = await example.browse({ own: true });
    expectComplaint(/503/);
    await page.route(ENTRIES, failing);
    await page.goto('/audit/');
    await page.getByRole('heading', { name: 'The audit trail could not be loaded' }).waitFor();
    await page.getByText('The database is away.').waitFor();
    await page.unroute(ENTRIES);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('grid').locator(`[data-seq="${SIZE}"]`).waitFor();
  });

  it('says that the server cannot be reached, and tries again', async () => {
    const page = await example.browse({ own: true });
    expectComplaint(/ERR_/);
    await page.route('**/audit/session', (route) => route.abort());
    await page.goto('/audit/');
    await page.getByText('The server cannot be reached. Check your connection.').waitFor();
    await page.unroute('**/audit/session');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('grid').locator(`[data-seq="${SIZE}"]`).waitFor();
  });

  it('keeps what it has when more could not be loaded', async () => {
    const trail = await example.open({ own: true });
    await trail.row(SIZE).waitFor();
    expectComplaint(/503/);
    await trail.page.route('**/audit/entries?*cursor=*', failing);
    await trail.grid.focus();
    await trail.page.keyboard.press('End');
    await trail.foot.getByText('More entries could not be loaded.').waitFor();
    expect((await trail.seqs()).length).toBeGreaterThan(0);
    await trail.page.unroute('**/audit/entries?*cursor=*');
    await trail.foot.getByRole('button', { name: 'Try again' }).click();
    await trail.grid.focus();
    await eventually(async () => {
      await trail.page.keyboard.press('End');
      expect((await trail.seqs()).at(-1)).toBe(1);
    });
  });

  it('works without its overview', async () => {
    const page = await example.browse({ own: true });
    expectComplaint(/503/);
    await page.route('**/audit/histogram?*', failing);
    await page.goto('/audit/');
    await page.getByText('The overview could not be loaded.').waitFor();
    await page.getByRole('grid').locator(`[data-seq="${SIZE}"]`).waitFor();
  });
});

describe('somebody who may not', () => {
  it('is told to sign in, and sees the trail after that', async () => {
    expectComplaint(/401/);
    const trail = await example.open({ user: null });
    await trail.text('You are not signed in').waitFor();
    expect(await trail.filters.count()).toBe(0);
    const value = await example.signIn('ada@acme.example');
    await trail.page.context().addCookies([{ name: 'sid', value, url: example.url }]);
    await trail.button('Try again').click();
    await trail.row(SIZE).waitFor();
  });

  it('read the trail is told so, and nothing is asked for', async () => {
    expectComplaint(/403/);
    const page = await example.browse({ own: true, user: 'alan@acme.example' });
    const paths: string[] = [];
    page.on('response', (response) => paths.push(new URL(response.url()).pathname));
    await page.goto('/audit/');
    await page.getByText('You may not read this audit trail').waitFor();
    await page.waitForLoadState('networkidle');
    expect(paths.sort()).toEqual(['/audit/', '/audit/session', '/audit/viewer.css', '/audit/viewer.js']);
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['Try again']);
  });

  it('take entries away sees them without a way to', async () => {
    const trail = await example.open({ user: 'sam@vendor.example', path: '/support/audit/acme/' });
    await trail.row(SIZE).waitFor();
    await trail.page.getByRole('banner').getByText('acme', { exact: true }).waitFor();
    await trail.button('Check the whole trail').waitFor();
    expect(await trail.button('Export').count()).toBe(0);
    // Each look is in the trail that was looked at.
    await trail.grid.getByText('audit.read').first().waitFor();
  });

  it('writes no more entries by leaving the page open', async () => {
    const page = await example.browse({ own: true, user: 'sam@vendor.example' });
    const asked: Request[] = [];
    page.on('request', (request) => asked.push(request));
    const reads = () => asked.filter((request) => /\/(entries|histogram)\?/.test(request.url()));
    await example.audit.flush();
    await page.clock.install();
    await page.goto('/support/audit/acme/');
    // The overview, two pages of the list, and what came before its stream was open.
    await eventually(() => expect(reads().length).toBeGreaterThanOrEqual(4));
    for (const request of reads()) await (await request.response())!.finished();
    await example.audit.flush();
    const [newest] = await example.audit.list({ tenantId: 'acme', action: 'audit.read', limit: 1 });
    await page.getByRole('grid').locator(`[data-seq="${newest!.seq}"]`).waitFor();
    const opening = asked.length;
    // The overview follows new entries: not those that asking for it has made.
    for (let i = 0; i < 3; i++) await page.clock.runFor(16_000);
    await page.waitForLoadState('networkidle');
    expect(reads().filter((request) => request.url().includes('/histogram?'))).toHaveLength(1);
    // A newer checkpoint is looked for each minute, and that is not recorded.
    const later = asked.slice(opening).map((request) => new URL(request.url()).pathname);
    expect(later.filter((path) => !path.endsWith('/checkpoint'))).toEqual([]);
  });
});
