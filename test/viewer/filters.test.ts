import { type Example, startExample } from '../support/example';
import { recordSome } from '../support/some-entries';
import { eventually } from '../support/eventually';
import type { Trail } from '../support/trail-page';

const DAY = 86_400_000;

/** Entries up to 10 were recorded 40 days ago, those up to 20 three days ago, those behind it now. */
const [OLD, RECENT, SIZE] = [10, 20, 30];

/** Behind them is the entry of the sign-in. */
const SIGN_IN = SIZE + 1;
const ALL = Array.from({ length: SIGN_IN }, (_, i) => SIGN_IN - i);

const matching = (isWanted: (n: number) => boolean) => ALL.filter((n) => n !== SIGN_IN && isWanted(n));

let example: Example;

beforeAll(async () => {
  example = await startExample();
  const { audit } = example;
  example.advance(-40 * DAY);
  await recordSome(audit, OLD);
  example.advance(37 * DAY);
  await recordSome(audit, RECENT - OLD, { after: OLD });
  example.advance(3 * DAY);
  await recordSome(audit, SIZE - RECENT, { after: RECENT });
  await example.signIn('ada@acme.example');
  await audit.checkpoint('acme');
});

/** So tall that all rows are there. */
const VIEWPORT = { width: 1400, height: 1800 };

async function openAll(query = ''): Promise<Trail> {
  return example.open({ path: `/audit/${query}`, viewport: VIEWPORT });
}

async function recordedAt(seq: number): Promise<number> {
  const all = await example.audit.list({ tenantId: 'acme', order: 'asc' });
  return Date.parse(all.find((entry) => entry.seq === seq)!.recordedAt);
}

describe('the filters', () => {
  it('show the entries of an actor, of a resource, of an action, and of a group of actions', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    for (const [field, text, seqs] of [
      ['Actor', 'user-3', matching((n) => n % 7 === 3)],
      ['Resource', 'thing-4', matching((n) => n % 11 === 4)],
      ['Action', 'contact.import', matching((n) => n % 5 === 4)],
      ['Action', 'org.*', matching((n) => [1, 2, 3].includes(n % 5))],
    ] as const) {
      await trail.field(field).fill(text);
      await trail.field(field).press('Enter');
      await trail.lists(seqs);
      expect(trail.query).toEqual({ [field.toLowerCase()]: text });
      await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
      await trail.lists(ALL);
    }
  });

  it('show those of an outcome, and together with others', async () => {
    const trail = await openAll();
    await trail.field('Outcome').selectOption('Denied');
    await trail.lists(matching((n) => n % 13 === 0));
    await trail.field('Actor').fill('user-6');
    await trail.field('Resource').click(); // leaving a field is enough
    await trail.lists(matching((n) => n % 13 === 0 && n % 7 === 6));
    expect(trail.query).toEqual({ outcome: 'denied', actor: 'user-6' });
  });

  it('complete actions by the keyboard alone', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    const box = trail.page.getByRole('combobox', { name: 'Action' });
    await box.focus();
    await trail.page.keyboard.type('org');
    const suggested = trail.page.getByRole('listbox', { name: 'Known actions' }).getByRole('option');
    await eventually(async () =>
      expect(await suggested.allTextContents()).toEqual([
        'org.*',
        'org.api_key.create',
        'org.member.invite',
        'org.member.role_change',
      ]),
    );
    expect(await box.getAttribute('aria-expanded')).toBe('true');
    await trail.page.keyboard.press('ArrowDown');
    await trail.page.keyboard.press('ArrowDown');
    await trail.page.keyboard.press('ArrowDown');
    const active = (await box.getAttribute('aria-activedescendant')) ?? '';
    expect(await trail.page.locator(`[id="${active}"]`).textContent()).toBe('org.member.invite');
    await trail.page.keyboard.press('Enter');
    await trail.lists(matching((n) => n % 5 === 1));
    expect(await box.inputValue()).toBe('org.member.invite');
    expect(await suggested.filter({ visible: true }).count()).toBe(0);
  });

  it('keep the suggestion that was come to when the same ones arrive late', async () => {
    const trail = await example.open({ own: true, viewport: VIEWPORT });
    const { page } = trail;
    const box = page.getByRole('combobox', { name: 'Action' });
    const active = async () => page.locator(`[id="${(await box.getAttribute('aria-activedescendant'))!}"]`);
    await box.focus();
    await page.keyboard.type('or');
    await page.getByRole('option', { name: 'org.member.invite' }).waitFor();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route('**/audit/actions?*', async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest(/prefix=org/);
    const answered = page.waitForResponse(/prefix=org/);
    await page.keyboard.type('g');
    await asked;
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    expect(await (await active()).textContent()).toBe('org.member.invite');
    goOn();
    await (await answered).finished();
    await page.evaluate('new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)))');
    expect(await (await active()).textContent()).toBe('org.member.invite');
  });

  it('come past an action that has the name of a group', async () => {
    const trail = await example.open({ own: true, viewport: VIEWPORT });
    const { page } = trail;
    const actions = ['org.*', 'org.create', 'org.delete'];
    await page.route('**/audit/actions?*', (route) => route.fulfill({ json: { actions } }));
    const box = page.getByRole('combobox', { name: 'Action' });
    await box.focus();
    await page.keyboard.type('org');
    const options = page.getByRole('listbox', { name: 'Known actions' }).getByRole('option');
    await options.first().waitFor();
    expect(await options.allTextContents()).toEqual(actions);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const active = (await box.getAttribute('aria-activedescendant'))!;
    expect(await page.locator(`[id="${active}"]`).textContent()).toBe('org.create');
  });

  it('close the suggestions at Escape, and show all actions again at another', async () => {
    const trail = await openAll('?action=org.*');
    await trail.lists(matching((n) => [1, 2, 3].includes(n % 5)));
    const box = trail.page.getByRole('combobox', { name: 'Action' });
    const suggestions = trail.page.getByRole('listbox', { name: 'Known actions' });
    await box.click();
    await suggestions.waitFor();
    await box.press('Escape');
    await suggestions.waitFor({ state: 'hidden' });
    expect(await box.inputValue()).toBe('org.*');
    await box.press('Escape');
    await trail.lists(ALL);
  });

  it('show the last 24 hours, 7 and 30 days, and all time again', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    for (const [name, period, after] of [
      ['Last 24 hours', '24h', RECENT],
      ['Last 7 days', '7d', OLD],
      ['Last 30 days', '30d', OLD],
    ] as const) {
      await trail.field('Period').selectOption(name);
      await trail.lists(ALL.filter((seq) => seq > after));
      expect(trail.query).toEqual({ period });
      await trail.field('Period').selectOption('All time');
      await trail.lists(ALL);
    }
  });

  it('show a period of one’s own, in the zone of the browser', async () => {
    const trail = await example.open({ viewport: VIEWPORT, timezoneId: 'America/New_York' });
    await trail.lists(ALL);
    const minute = Math.floor((await recordedAt(RECENT)) / 60_000) * 60_000;
    const local = (time: number) =>
      new Date(time)
        .toLocaleString('sv-SE', { timeZone: 'America/New_York', dateStyle: 'short', timeStyle: 'short' })
        .replace(' ', 'T');
    await trail.field('Period').selectOption('From … to …');
    await trail.field('From').fill(local(minute - DAY));
    await trail.lists(ALL.filter((seq) => seq > OLD));
    await trail.field('Before').fill(local(minute + DAY));
    await trail.lists(matching((n) => n > OLD && n <= RECENT));
    expect(trail.query).toEqual({
      from: new Date(minute - DAY).toISOString(),
      to: new Date(minute + DAY).toISOString(),
    });
    expect(await trail.field('From').inputValue()).toBe(local(minute - DAY));
  });

  it('find a text in what is loaded, and say how much that is', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    await trail.page.keyboard.press('/');
    expect(await trail.focused()).toBe('input Search loaded entries');
    await trail.page.keyboard.type('REMARK 2');
    await trail.lists(matching((n) => String(n).startsWith('2')));
    await trail.foot
      .getByText('11 entries of the 31 loaded ones. What is not loaded is not searched.')
      .waitFor();
    await eventually(() => expect(trail.query).toEqual({ q: 'REMARK 2' }));
  });

  it('are reset at once', async () => {
    const trail = await openAll('?actor=user-1&outcome=denied&period=7d&q=remark');
    await trail.text('No entry matches these filters').waitFor();
    expect(await trail.field('Actor').inputValue()).toBe('user-1');
    await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
    await trail.lists(ALL);
    expect(trail.query).toEqual({});
    expect(await trail.field('Actor').inputValue()).toBe('');
    expect(await trail.field('Search loaded entries').inputValue()).toBe('');
  });

  it('send no form', async () => {
    const trail = await openAll();
    await trail.field('Actor').fill('user-1');
    await trail.field('Actor').press('Enter');
    await trail.lists(matching((n) => n % 7 === 1));
    expect(new URL(trail.page.url()).pathname).toBe('/audit/');
  });
});

describe('a link to the page', () => {
  it('reproduces what was shown, with the entry that was open', async () => {
    const trail = await openAll();
    await trail.field('Outcome').selectOption('Denied');
    await trail.lists(matching((n) => n % 13 === 0));
    await trail.field('Search loaded entries').fill('remark 2');
    await trail.lists([26]);
    await trail.openEntry(26);
    expect(Object.keys(trail.query)).toEqual(['outcome', 'q', 'entry']);

    const other = await openAll(new URL(trail.page.url()).search);
    await other.lists([26]);
    await other.shows(26);
    expect(await other.field('Outcome').inputValue()).toBe('denied');
    expect(await other.field('Search loaded entries').inputValue()).toBe('remark 2');
    expect(await other.row(26).getAttribute('aria-selected')).toBe('true');
  });

  it('shows an entry that is not among those of its filter', async () => {
    const [entry] = await example.audit.list({ tenantId: 'acme', order: 'asc', limit: 1 });
    const trail = await openAll(`?entry=${entry!.id}&outcome=denied`);
    await trail.shows(1);
    await trail.lists(matching((n) => n % 13 === 0));
    await trail.detail.locator('[data-mark="checked"]').waitFor();
  });

  it('leaves out what the page does not know', async () => {
    const trail = await openAll(
      '?outcome=excellent&from=yesterday&period=eternity&tenantId=globex&actor=user-3',
    );
    await trail.lists(matching((n) => n % 7 === 3));
    expect(await trail.field('Outcome').inputValue()).toBe('');
  });
});

describe('back and forward', () => {
  it('go through what was shown', async () => {
    const trail = await openAll();
    const denied = matching((n) => n % 13 === 0);
    await trail.lists(ALL);
    await trail.field('Outcome').selectOption('Denied');
    await trail.lists(denied);
    await trail.openEntry(26);
    await trail.detail.getByRole('button', { name: 'Previous entry' }).click();
    await trail.shows(25);

    await trail.page.goBack();
    await trail.shows(26);
    await trail.page.goBack();
    await trail.detail.waitFor({ state: 'detached' });
    await trail.lists(denied);
    await trail.page.goBack();
    await trail.lists(ALL);
    expect(await trail.field('Outcome').inputValue()).toBe('');

    await trail.page.goForward();
    await trail.lists(denied);
    await trail.page.goForward();
    await trail.shows(26);
    expect(await trail.field('Outcome').inputValue()).toBe('denied');
  });
});

describe('the histogram', () => {
  const histogramOf = ({ page }: Trail) => page.getByRole('region', { name: 'Entries over time' });

  it('filters by a period that is drawn over it', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    const histogram = histogramOf(trail);
    await histogram.getByText('31 entries').waitFor();
    const box = (await histogram.locator('svg').boundingBox())!;
    const at = (part: number) => [box.x + box.width * part, box.y + box.height / 2] as const;
    await trail.page.mouse.move(...at(0.5));
    await trail.page.mouse.down();
    await trail.page.mouse.move(...at(0.8));
    await trail.page.mouse.move(...at(0.97));
    await histogram.getByText('10 entries').waitFor();
    await trail.page.mouse.up();
    await trail.lists(matching((n) => n > OLD && n <= RECENT));

    const { from = '', to = '', ...others } = trail.query;
    expect(others).toEqual({});
    const recent = await recordedAt(RECENT);
    expect(Date.parse(from)).toBeLessThan(recent - 10 * DAY);
    expect(Date.parse(to)).toBeGreaterThan(recent);
    expect(Date.parse(to)).toBeLessThan(recent + 3 * DAY);

    await histogram.getByRole('button', { name: 'All time' }).click();
    await trail.lists(ALL);
    expect(trail.query).toEqual({});
  });

  it('filters by a period that is chosen by the keyboard', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    const begin = histogramOf(trail).getByRole('slider', { name: 'Start of the selected period' });
    await begin.focus();
    for (let i = 0; i < 8; i++) await trail.page.keyboard.press('PageUp');
    await trail.page.keyboard.press('ArrowLeft');
    expect(await begin.getAttribute('aria-valuetext')).toMatch(/21 entries$/);
    expect(Number(await begin.getAttribute('aria-valuenow'))).toBeGreaterThan(60);
    await trail.page.keyboard.press('Enter');
    await trail.lists(ALL.filter((seq) => seq > OLD));
    expect(Object.keys(trail.query)).toEqual(['from', 'to']);
  });

  it('keeps all entries when the choice is discarded', async () => {
    const trail = await openAll();
    await trail.lists(ALL);
    const end = histogramOf(trail).getByRole('slider', { name: 'End of the selected period' });
    await end.focus();
    await trail.page.keyboard.press('PageDown');
    await eventually(async () => expect(await end.getAttribute('aria-valuetext')).toMatch(/10 entries$/));
    await trail.page.keyboard.press('Escape');
    await eventually(async () => expect(await end.getAttribute('aria-valuetext')).toMatch(/31 entries$/));
    expect(trail.query).toEqual({});
    await trail.lists(ALL);
  });
});
