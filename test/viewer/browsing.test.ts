import { type Example, startExample } from '../support/example';
import { sized } from '../support/sized';
import { recordSome } from '../support/some-entries';
import { eventually } from '../support/eventually';
import type { Trail } from '../support/trail-page';

const SIZE = sized(10_000, 100_000);

/** In milliseconds, an order of magnitude above what it takes: a page that shows or checks them all would need more. */
const [FIRST_ENTRIES, LONGEST_TASK] = [10_000, 10_000];

/** Rows of a list that fills a screen, and elements of the whole page. */
const [MOST_ROWS, MOST_ELEMENTS] = [60, 2500];

/** What the memory of the page may grow by while somebody scrolls on, in bytes. */
const MOST_GROWTH = 12 << 20;

/** Tells when the first entries were painted, and how long the longest task was. */
const WATCH = `
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  window.firstEntries = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[data-seq]')) return;
      observer.disconnect();
      // The task behind the next frame begins when that has been painted.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
`;

const firstEntries = ({ page }: Trail) => page.evaluate<number>('window.firstEntries');
const longestTask = ({ page }: Trail) => page.evaluate<number>('window.longest');
const forgetTasks = ({ page }: Trail) => page.evaluate('void (window.longest = 0)');
const rows = ({ grid }: Trail) => grid.locator('[data-index]').count();
const elements = ({ page }: Trail) => page.locator('*').count();

/** Bytes that are in use in the page once nothing is left to be collected. */
async function heap({ page }: Trail): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

/** Turns the wheel over the list until an entry is visible. */
async function wheelTo(trail: Trail, seq: number): Promise<void> {
  await trail.grid.hover();
  await eventually(async () => {
    await trail.page.mouse.wheel(0, 3000);
    expect((await trail.seqs()).at(-1)).toBeLessThanOrEqual(seq);
  });
}

describe(`a trail of ${SIZE} entries`, () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample();
    await recordSome(example.audit, SIZE);
    await example.audit.checkpoint('acme');
    await example.signIn('ada@acme.example'); // its entry is the newest one
  });

  it('shows its first entries at once, whatever is behind them', async () => {
    const trail = await example.open({ script: WATCH });
    expect(await firstEntries(trail)).toBeLessThan(FIRST_ENTRIES);
    expect((await trail.seqs())[0]).toBe(SIZE + 1);
    expect(await rows(trail)).toBeLessThan(MOST_ROWS);
  });

  it('scrolls through thousands of entries, and neither freezes nor grows', async () => {
    const trail = await example.open({ script: WATCH });
    await trail.marks(SIZE, 'checked');
    await wheelTo(trail, SIZE - 1500);
    await forgetTasks(trail);
    const before = await heap(trail);

    await wheelTo(trail, SIZE - 4500);
    expect(await longestTask(trail)).toBeLessThan(LONGEST_TASK);
    expect((await heap(trail)) - before).toBeLessThan(MOST_GROWTH);
    expect(await rows(trail)).toBeLessThan(MOST_ROWS);
    expect(await elements(trail)).toBeLessThan(MOST_ELEMENTS);

    // No entry is left out or shown twice, and what comes into view is checked, too.
    const seqs = await trail.seqs();
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! - i));
    await trail.marks(seqs[seqs.length >> 1]!, 'checked');
  });

  it('comes back to entries that it has let go of', async () => {
    const trail = await example.open();
    await wheelTo(trail, SIZE - 2500);
    await trail.grid.focus();
    await trail.page.keyboard.press('Home');
    await trail.row(SIZE + 1).waitFor();
    await trail.page.keyboard.press('PageDown');
    await trail.page.keyboard.press('PageDown');
    const seqs = await trail.seqs();
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! - i));
    await trail.page.keyboard.press('End');
    await eventually(async () => expect((await trail.seqs()).at(-1)).toBeLessThanOrEqual(SIZE - 2500));
    await trail.marks((await trail.seqs()).at(-1)!, 'checked');
  });

  it('filters, and does not freeze', async () => {
    const trail = await example.open({ script: WATCH });
    await trail.marks(SIZE, 'checked');
    await forgetTasks(trail);
    await trail.field('Outcome').selectOption('Denied');
    const newest = Math.floor(SIZE / 13) * 13;
    await trail.marks(newest, 'checked');
    expect((await trail.seqs()).slice(0, 3)).toEqual([newest, newest - 13, newest - 26]);
    await trail.field('Actor').fill('user-3');
    await trail.page.keyboard.press('Enter');
    await trail.row(SIZE).waitFor({ state: 'detached' });
    await eventually(async () =>
      expect((await trail.seqs()).every((seq) => seq % 7 === 3 && seq % 13 === 0)).toBe(true),
    );
    expect(await longestTask(trail)).toBeLessThan(LONGEST_TASK);
    expect(await rows(trail)).toBeLessThan(MOST_ROWS);
  });

  it('says how many entries there are when', async () => {
    const trail = await example.open();
    const histogram = trail.page.getByRole('region', { name: 'Entries over time' });
    await histogram.getByText(/^(more than )?[\d,]+ entries$/).waitFor();
    expect(await histogram.getByRole('slider').count()).toBe(2);
  });

  it('finds a text in what is loaded, and loads more to look in', async () => {
    const trail = await example.open();
    await trail.row(SIZE).waitFor();
    await trail.field('Search loaded entries').fill(`remark ${SIZE - 700}`);
    await trail.lists([SIZE - 700]);
    await trail.foot.getByText(/^1 entry of the [\d,]+ loaded ones/).waitFor();
    // The address follows who types.
    await eventually(() => expect(trail.query).toEqual({ q: `remark ${SIZE - 700}` }));
  });
});
