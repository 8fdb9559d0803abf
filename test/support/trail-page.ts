import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** The page of an audit trail in English, as somebody finds their way in it: by roles and names. */
export class Trail {
  constructor(readonly page: Page) {}

  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Entries, newest first' });
  }

  /** The entry beside the list. */
  get detail(): Locator {
    return this.page.getByRole('complementary', { name: 'Entry' });
  }

  get filters(): Locator {
    return this.page.getByRole('search', { name: 'Filters' });
  }

  /** What the list says of itself at its end. */
  get foot(): Locator {
    return this.page.locator('.foot');
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  field(name: string): Locator {
    return this.filters.getByLabel(name, { exact: true });
  }

  /** A text that is to be seen: what is announced beside it, unseen, may say the same. */
  text(text: string | RegExp): Locator {
    return this.page.getByText(text).and(this.page.locator(':not([role="status"].hidden)'));
  }

  /** The row of an entry. */
  row(seq: number): Locator {
    return this.grid.locator(`[data-seq="${seq}"]`);
  }

  /** Opens an entry by a click, and waits until it is shown. */
  async openEntry(seq: number): Promise<void> {
    await this.row(seq).click();
    await this.shows(seq);
  }

  /** Waits until that entry is open beside the list. */
  async shows(seq: number): Promise<void> {
    await this.detail.getByText(`Entry ${seq}`, { exact: true }).waitFor();
  }

  /** Numbers of the rows that are there, from above. */
  seqs(): Promise<number[]> {
    return this.page.evaluate<number[]>(SEQS);
  }

  /** Waits until the list shows these entries and no others. */
  async lists(seqs: readonly number[]): Promise<void> {
    await eventually(async () => expect(await this.seqs()).toEqual(seqs));
  }

  /** What is said of an entry in the list. */
  mark(seq: number): Promise<string | null> {
    return this.row(seq).locator('[data-mark]').getAttribute('data-mark');
  }

  /** Waits until it is this. */
  async marks(seq: number, state: 'checked' | 'unanchored' | 'broken'): Promise<void> {
    await this.row(seq).locator(`[data-mark="${state}"]`).waitFor();
  }

  /** Waits until the page listens for entries. */
  async isLive(): Promise<void> {
    await this.page
      .getByRole('status')
      .filter({ hasText: /^Live$/ })
      .waitFor();
  }

  /** The parameters of the page's address. */
  get query(): Record<string, string> {
    return Object.fromEntries(new URL(this.page.url()).searchParams);
  }

  /** What has the focus: its role or element, and its name. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(FOCUSED);
  }

  /** Pixels that the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
  }
}

// Texts: the types of these tests are those of Node.js, and know no document.
const SEQS = `Array.from(document.querySelectorAll('#entries [data-seq]'), (row) => row.dataset)
  .sort((a, b) => a.index - b.index)
  .map(({ seq }) => Number(seq))`;

const FOCUSED = `(() => {
  const element = document.activeElement;
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return (element.getAttribute('role') ?? element.localName) + ' ' + name.trim();
})()`;
