import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { accessibilityViolations, browser, expectComplaint, newPage } from './chromium';

const POLICY = "default-src 'none'; script-src 'unsafe-inline'";

/** A server on this machine that answers every request with one page. */
async function serving(html: string, headers: Record<string, string> = {}): Promise<[string, Server]> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server];
}

const HEAD = '<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,"></head>';

describe('newPage', () => {
  it('opens a page in the language, the zone, the colours and the size that are asked for', async () => {
    const viewport = { width: 360, height: 640 };
    const page = await newPage({
      locale: 'de-DE',
      timezoneId: 'Europe/Berlin',
      colorScheme: 'dark',
      viewport,
    });

    expect(await page.evaluate('navigator.language')).toBe('de-DE');
    expect(await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone')).toBe('Europe/Berlin');
    expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(true);
    expect(await page.evaluate('innerWidth')).toBe(360);
  });

  it('gives every page storage of its own, in one browser', async () => {
    const [url, server] = await serving(HEAD);
    const [one, other] = [await newPage(), await newPage()];
    await one.goto(url);
    await one.evaluate('localStorage.setItem("name", "value")');
    await other.goto(url);

    expect(await other.evaluate('localStorage.length')).toBe(0);
    expect((await browser()).contexts()).toEqual(expect.arrayContaining([one.context(), other.context()]));
    expect(one.context()).not.toBe(other.context());
    server.close();
  });

  describe('in the next test', () => {
    let before: Page;
    let own: Page;

    it('is opened, and keeps something', async () => {
      const [url, server] = await serving(HEAD, { 'Set-Cookie': 'name=value' });
      [before, own] = [await newPage({ locale: 'fr-FR' }), await newPage({ own: true })];
      await before.goto(url);
      await before.evaluate('localStorage.setItem("name", "value"); sessionStorage.setItem("name", "value")');
      expect(await before.evaluate('document.cookie')).toBe('name=value');
      server.close();
    });

    it('is the same page, and has kept nothing', async () => {
      const [url, server] = await serving(HEAD);
      const page = await newPage({ locale: 'fr-FR' });
      expect(page).toBe(before);
      expect(page.url()).toBe('about:blank');
      await page.goto(url);
      expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([
        ...[0, 0, ''],
      ]);
      server.close();
    });

    it('is another one where a test had it for its own', async () => {
      expect(own.isClosed()).toBe(true);
      expect(await newPage({ own: true })).not.toBe(own);
    });
  });
});

it('hears errors, the console, and what the Content-Security-Policy blocks', async () => {
  const script =
    '<script>console.error("an error"); setTimeout(() => { throw new Error("thrown") })</script>';
  const [url, server] = await serving(`${HEAD}<body>${script}<style>body { color: red }</style>`, {
    'Content-Security-Policy': POLICY,
  });
  expectComplaint(/^error: an error$/);
  expectComplaint(/^uncaught: thrown$/);
  expectComplaint(/Content Security Policy/);
  const page = await newPage();
  const thrown = page.waitForEvent('pageerror');
  await page.goto(url);
  await thrown;
  server.close();
});

it('finds what those who cannot see or point would stumble over, whatever the policy', async () => {
  const main = '<main><h1>Page</h1><img src="data:," id="bare"><button></button></main>';
  const [url, server] = await serving(`${HEAD}<body>${main}`, {
    'Content-Security-Policy': "default-src 'none'; img-src data:",
  });
  const page = await newPage();
  await page.goto(url);

  const rules = (await accessibilityViolations(page)).map(({ rule }) => rule);
  expect(rules).toEqual(['button-name', 'image-alt']);
  server.close();
});
