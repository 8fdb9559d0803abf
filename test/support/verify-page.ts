import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { newPage, type PageOptions } from './chromium';

/** The file of the page that checks evidence, as the set-up has built it. */
export const verifyHtml = (): string => join(__dirname, '../../dist/viewer/verify.html');

/** A file for the page to check. */
export interface Evidence {
  name: string;
  content: string | Buffer;
}

/** What is entered before a file is checked. */
export interface Given {
  keys?: string[];
  checkpoint?: string;
  allow?: boolean;
}

/** What the page shows of one file. */
export interface Shown {
  file: string;
  verdict: string | null;
  title: string;
  figures: Record<string, string>;
  problems: { seq: string; message: string }[];
  proven: string[];
  notProven: string[];
  keys: string[];
}

/** Requests of the pages that are open, but for that of the page itself. */
const requests: string[] = [];

beforeEach(() => {
  requests.length = 0;
});

// The page reads files, and asks nobody for anything.
afterEach(() => {
  expect(requests).toEqual([]);
});

/** The page, opened from the disk, where there is no server. */
export async function openVerify(options: PageOptions = {}): Promise<Page> {
  const page = await newPage(options);
  const url = pathToFileURL(verifyHtml()).href;
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.goto(url);
  return page;
}

/** Fills in the fields. */
export async function give(page: Page, { keys, checkpoint, allow }: Given): Promise<void> {
  if (allow !== undefined) await page.locator('#allow').setChecked(allow);
  if (keys) await page.locator('#keys').fill(keys.join('\n'));
  if (checkpoint !== undefined) await page.locator('#checkpoint').fill(checkpoint);
}

/** Chooses files for the page to check. */
export async function choose(page: Page, files: Evidence[]): Promise<void> {
  const payloads = files.map(({ name, content }) => ({
    name,
    mimeType: '',
    buffer: Buffer.from(content as string),
  }));
  await page.locator('#evidence').setInputFiles(payloads);
}

/** What the page shows once it has checked files, in their order. */
export async function check(page: Page, files: Evidence[], given: Given = {}): Promise<Shown[]> {
  await give(page, given);
  const before = await page.locator('article').count();
  await choose(page, files);
  return Promise.all(files.map((_, i) => shownIn(page, before + i)));
}

/** The same of one file, in a page of its own. */
export async function checkOne(
  content: string | Buffer,
  given: Given = {},
  options: PageOptions = {},
): Promise<Shown> {
  const page = await openVerify(options);
  const [shown] = await check(page, [{ name: 'evidence', content }], given);
  return shown as Shown;
}

/** What is shown of the file in that place, once there is a verdict. */
export async function shownIn(page: Page, place: number): Promise<Shown> {
  await page.locator('article').nth(place).locator('.verdict').waitFor();
  return page.evaluate<Shown>(`(${SHOWN})(document.querySelectorAll('article')[${place}])`);
}

// A text: the types of these tests are those of Node.js, and know no document.
const SHOWN = `(card) => {
  const texts = (selector) => Array.from(card.querySelectorAll(selector), (element) => element.textContent);
  const [names, values] = [texts('.figures dt'), texts('.figures dd')];
  return {
    file: texts('h3')[0],
    verdict: card.querySelector('.verdict').dataset.verdict ?? null,
    title: texts('.verdict-title')[0] ?? '',
    figures: Object.fromEntries(names.map((name, i) => [name, values[i]])),
    problems: Array.from(card.querySelectorAll('.problems tbody tr'), ({ cells }) => ({
      seq: cells[1].textContent,
      message: cells[2].textContent,
    })),
    proven: texts('.proven li'),
    notProven: texts('.not-proven li'),
    keys: texts('.keys code'),
  };
}`;
