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

/** Keeps what the page says on its way: a fast check is over before anybody outside has looked. */
const LISTEN = `{
  globalThis.said = [];
  new MutationObserver(() => {
    for (const element of document.querySelectorAll('article, [role=status]')) said.push(element.innerText);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}`;

/** Cancels the third check, which waits, and the second once it is under way. */
const CANCEL = `new MutationObserver((_, observer) => {
  const [, second, third] = document.querySelectorAll('article');
  const cancel = (card) => [...card.querySelectorAll('button')].find((button) => button.innerText === 'Cancel');
  if (!third || !/MB of/.test(second.innerText)) return;
  observer.disconnect();
  cancel(third).click();
  cancel(second).click();
}).observe(document.body, { childList: true, subtree: true, characterData: true })`;

it('checks a large file while the page goes on, and can be told to stop', async () => {
  const { text, key } = largeEvidence(SIZE * 1e6);
  const path = join(temporaryFolder(), 'large.jsonl');
  writeFileSync(path, text);
  expect(statSync(path).size).toBeGreaterThan(SIZE * 1e6);
  const page = await openVerify();
  await give(page, { keys: [key] });
  await page.evaluate(WATCH);
  await page.evaluate(LISTEN);

  await page.locator('#evidence').setInputFiles([path]);
  expect(await shownIn(page, 0)).toMatchObject({ verdict: 'signed' });
  const said = (await page.evaluate<string[]>('said')).join('\n');
  expect(said).toMatch(new RegExp(`^\\d[\\d.]* MB of ${SIZE / 10}\\d[\\d.]* MB \\(\\d+%\\)$`, 'm'));
  expect(said).toMatch(/large\.jsonl: Checking, \d+%/);
  const { count, gap } = await page.evaluate<{ count: number; gap: number }>('frames');
  expect(gap).toBeLessThan(LONGEST_GAP);
  expect(count).toBeGreaterThan(10);

  await page.evaluate(CANCEL);
  // A file that is there already would take the place of the first result.
  const others = ['second', 'third'].map((name) => join(temporaryFolder(), `${name}.jsonl`));
  for (const other of others) writeFileSync(other, text);
  await page.locator('#evidence').setInputFiles(others);
  const second = page.locator('article').nth(1);
  await second.getByText('Cancelled: nothing is known of this file.').waitFor();
  await page.locator('article').nth(2).getByText('Cancelled').waitFor();
  expect(await page.locator('progress').count()).toBe(0);

  await second.getByRole('button', { name: 'Check again' }).click();
  expect(await shownIn(page, 1)).toMatchObject({ verdict: 'signed' });
});
