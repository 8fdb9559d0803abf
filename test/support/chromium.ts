import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Download, Page } from 'playwright-core';
import { eventually } from './eventually';
import { PATIENCE } from './patience';
import { connectToBrowser } from './shared-browser';
import { temporaryFolder } from './temporary';

/** What a page is opened with. */
export type PageOptions = Pick<
  BrowserContextOptions,
  | 'locale'
  | 'colorScheme'
  | 'viewport'
  | 'timezoneId'
  | 'reducedMotion'
  | 'baseURL'
  | 'extraHTTPHeaders'
  | 'permissions'
  | 'javaScriptEnabled'
> & {
  /** Whether no other test gets the page: for one that changes what the browser does, or listens to the page. */
  own?: boolean;
  /** Run in the page before its own script, as in a browser that is not like this one. */
  script?: string;
};

/** What pulses while it loads is drawn sixty times a second, which takes the machine longer than to load it. */
const DEFAULTS: PageOptions = { locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' };

/** Installing a browser may take that long. */
const LAUNCH_LIMIT_MS = 600_000;

let connected: Promise<Browser> | undefined;

/**
 * The browser, as this test file has it: with no pages but its own.
 * @throws {Error} that says what to do, if there is none to be had
 */
export function browser(): Promise<Browser> {
  connected ??= connectToBrowser();
  return connected;
}

/** A page, and what it was opened with; null where a test has kept it for itself. */
interface Opened {
  page: Page;
  options: string | null;
}

const inUse: Opened[] = [];
const idle: Opened[] = [];
const complaints: string[] = [];
const expected: RegExp[] = [];
const allowed: RegExp[] = [];

/**
 * A page with no cookies and nothing in its storage. The test fails at its end when the page has complained: errors that
 * nobody caught, what goes to the console as an error or a warning, what the Content-Security-Policy has blocked.
 */
export async function newPage({ own = false, ...options }: PageOptions = {}): Promise<Page> {
  const key = own ? null : JSON.stringify(options);
  const place = idle.findIndex((opened) => opened.options === key);
  const [opened = { page: await openPage(options), options: key }] = place < 0 ? [] : idle.splice(place, 1);
  inUse.push(opened);
  return opened.page;
}

async function openPage({ script, ...options }: PageOptions): Promise<Page> {
  const context = await (await browser()).newContext({ ...DEFAULTS, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  if (script !== undefined) await page.addInitScript(script);
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('crash', () => complaints.push('the page crashed'));
  return page;
}

/** Ends what the pages of a test do. To open one takes far longer than to empty it: the next test gets it, if it can. */
export async function leavePages(): Promise<void> {
  for (const opened of inUse.splice(0)) {
    const { page, options } = opened;
    const isAlone = !page.isClosed() && page.context().pages().length === 1;
    if (options === null || !isAlone) await page.context().close();
    else {
      await empty(page);
      idle.push(opened);
    }
  }
}

async function empty(page: Page): Promise<void> {
  // A sandboxed page has no storage, and no way to it.
  const clear = 'try { localStorage.clear(); sessionStorage.clear() } catch {}';
  if (page.url().startsWith('http')) await page.evaluate(clear);
  await page.goto('about:blank');
  await page.context().clearCookies();
}

/** Lets the pages of this test complain so; a test whose pages do not, fails. */
export function expectComplaint(pattern: RegExp): void {
  expected.push(pattern);
}

/** The same where it depends on what a page comes to ask before the test ends. */
export function allowComplaint(pattern: RegExp): void {
  allowed.push(pattern);
}

/** What a page has let its user save. */
export async function textOfDownload(download: Download): Promise<string> {
  const path = join(temporaryFolder(), 'download');
  await download.saveAs(path); // the browser may be another process's
  return readFile(path, 'utf8');
}

/** A violation of the rules of WCAG 2.2 and of good practice, short. */
export interface AccessibilityViolation {
  rule: string;
  impact: string | null | undefined;
  /** Selectors of the elements, and what is wrong with each. */
  elements: string[];
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  id: string;
  impact?: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe-core finds wrong with the page as it is now. It runs beside the page's Content-Security-Policy, not by it. */
export async function accessibilityViolations(page: Page): Promise<AccessibilityViolation[]> {
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(`${AXE}; undefined`);
  // What it finds right it need not describe.
  const violations = await page.evaluate<AxeResult[]>(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return violations.map(({ id, impact, nodes }) => ({
    rule: id,
    impact,
    elements: nodes.map(({ target, failureSummary = '' }) => `${target.join(' ')}: ${failureSummary}`),
  }));
}

beforeAll(async () => {
  await browser();
}, LAUNCH_LIMIT_MS);

afterEach(async () => {
  const needed = expected.splice(0);
  const may = [...needed, ...allowed.splice(0)];
  // A page may ask for what it is refused after all that the test has waited for.
  await eventually(() => {
    const missing = needed.filter((pattern) => !complaints.some((complaint) => pattern.test(complaint)));
    expect(missing).toEqual([]);
  }).finally(leavePages);
  const told = complaints.splice(0);
  expect(told.filter((complaint) => !may.some((pattern) => pattern.test(complaint)))).toEqual([]);
});

afterAll(async () => {
  await (await connected)?.close();
});
