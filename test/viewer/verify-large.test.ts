import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { largeEvidence } from '../bin/large-evidence';
import { sized } from '../support/sized';
import { temporaryFolder } from '../support/temporary';
import { give, openVerify, shownIn } from '../support/verify-page';

/** Megabytes. */
const SIZE = sized(10, 30);

/** In milliseconds, an order of magnitude above what it is: a page that checks the file by itself would need more. */
const LONGEST_GAP = 5000;

const WATCH = `{
  globalThis.frames = { count: 0, gap: 0 };
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    frames.gap = Math.max(frames.gap, now - last);
    frames.count++;
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}`;

it('checks a large file while the page goes on, and can be told to stop', async () => {
  const { text, key } = largeEvidence(SIZE * 1e6);
  const path = join(temporaryFolder(), 'large.jsonl');
  writeFileSync(path, text);
  expect(statSync(path).size).toBeGreaterThan(SIZE * 1e6);
  const page = await openVerify();
  await give(page, { keys: [key] });
  await page.evaluate(WATCH);

  await page.locator('#evidence').setInputFiles([path]);
  await page.getByText(new RegExp(`^\\d[\\d.]* MB of ${SIZE / 10}\\d[\\d.]* MB \\(\\d+%\\)$`)).waitFor();
  expect(await page.getByRole('status').first().textContent()).toMatch(/large\.jsonl: Checking, \d+%/);
  expect(await shownIn(page, 0)).toMatchObject({ verdict: 'signed' });
  const { count, gap } = await page.evaluate<{ count: number; gap: number }>('frames');
  expect(gap).toBeLessThan(LONGEST_GAP);
  expect(count).toBeGreaterThan(10);

  await page.locator('#evidence').setInputFiles([path, path]);
  const second = page.locator('article').nth(1);
  await second.getByText(/^\d[\d.]* MB of/).waitFor();
  await page.locator('article').nth(2).getByRole('button', { name: 'Cancel' }).click();
  await second.getByRole('button', { name: 'Cancel' }).click();
  await second.getByText('Cancelled: nothing is known of this file.').waitFor();
  await page.locator('article').nth(2).getByText('Cancelled').waitFor();
  expect(await page.locator('progress').count()).toBe(0);

  await second.getByRole('button', { name: 'Check again' }).click();
  expect(await shownIn(page, 1)).toMatchObject({ verdict: 'signed' });
});
