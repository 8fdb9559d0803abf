import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium-binary';

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
>;

/** Installing a browser may take that long. */
const LAUNCH_LIMIT_MS = 600_000;

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names that are not known to be those of this machine: what comes from there is not a secure context.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

let launched: Promise<Browser> | undefined;
const complaints: string[] = [];
const expected: RegExp[] = [];

/** The browser of this test file. It is launched when it is first asked for, and ends with the file. */
export function browser(): Promise<Browser> {
  launched ??= launch();
  return launched;
}

async function launch(): Promise<Browser> {
  const executablePath = await findChromium(console.error);
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/**
 * A page with cookies and storage of its own. The test fails at its end when the page has complained: errors that
 * nobody caught, what goes to the console as an error or a warning, what the Content-Security-Policy has blocked.
 */
export async function newPage(options: PageOptions = {}): Promise<Page> {
  const context = await (await browser()).newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('crash', () => complaints.push('the page crashed'));
  return page;
}

/** Lets the pages of this test complain so; a test whose pages do not, fails. */
export function expectComplaint(pattern: RegExp): void {
  expected.push(pattern);
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
  await page.evaluate(`${AXE}; undefined`);
  const violations = await page.evaluate<AxeResult[]>('axe.run().then(({ violations }) => violations)');
  return violations.map(({ id, impact, nodes }) => ({
    rule: id,
    impact,
    elements: nodes.map(({ target, failureSummary = '' }) => `${target.join(' ')}: ${failureSummary}`),
  }));
}

beforeAll(async () => {
  await browser();
}, LAUNCH_LIMIT_MS);

/** Closes all pages, so that they ask for nothing more. */
export async function closePages(): Promise<void> {
  for (const context of (await browser()).contexts()) await context.close();
}

afterEach(async () => {
  await closePages();
  const [told, allowed] = [complaints.splice(0), expected.splice(0)];
  const unexpected = told.filter((complaint) => !allowed.some((pattern) => pattern.test(complaint)));
  const missing = allowed.filter((pattern) => !told.some((complaint) => pattern.test(complaint)));
  expect({ unexpected, missing }).toEqual({ unexpected: [], missing: [] });
});

afterAll(async () => {
  await (await launched)?.close();
});
