import { expectComplaint } from '../support/chromium';
import { type Example, startExample } from '../support/example';
import { nested } from '../support/hostile-values';
import { openSinks, REFUSED_SINK } from '../support/injection-sinks';
import type { Trail } from '../support/trail-page';

/** Runs as soon as anything takes it for more than a text. */
const SCRIPT =
  '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script><svg onload="window.pwned=3">';
const LINK = 'javascript:window.pwned=4';
/** Turns around what follows it, and hides that. */
const OVERRIDE = '\u202egnp.exe\u2066\u200b\u0007\u001b[31m\u0085\u2028\ufeff';
const LONG = 'W'.repeat(250);

/** JSON that no literal gives: a member that would be a prototype. */
const PROTOTYPE = JSON.parse(
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}',
) as object;

const EVENTS = {
  script: {
    id: SCRIPT.slice(0, 100),
    action: SCRIPT,
    actor: { id: SCRIPT, name: SCRIPT, onBehalfOf: SCRIPT },
    resource: { id: SCRIPT, type: SCRIPT, name: SCRIPT },
    metadata: { [SCRIPT]: SCRIPT, link: LINK },
    before: { [SCRIPT]: SCRIPT },
    after: { [SCRIPT]: LINK, other: SCRIPT },
    context: { userAgent: SCRIPT, path: SCRIPT, route: SCRIPT, requestId: SCRIPT },
  },
  direction: {
    id: `..${OVERRIDE}`,
    action: `a${OVERRIDE}b`,
    actor: { id: `user${OVERRIDE}`, name: OVERRIDE },
    resource: { id: OVERRIDE, type: OVERRIDE, name: OVERRIDE },
    metadata: { [OVERRIDE]: OVERRIDE },
    before: OVERRIDE,
    after: { a: OVERRIDE },
  },
  long: {
    id: 'x'.repeat(128),
    action: LONG,
    actor: { id: LONG, name: LONG },
    resource: { id: LONG, type: LONG, name: LONG },
    metadata: { text: 'x'.repeat(64 * 1024 - 100) },
    context: { userAgent: 'U'.repeat(1024), path: `/${'p'.repeat(1000)}` },
  },
  wide: {
    action: 'wide',
    metadata: Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`member${n}`, n])),
    before: Array.from({ length: 2000 }, (_, n) => n),
    after: Array.from({ length: 2000 }, (_, n) => n + 1),
  },
  prototype: {
    action: '__proto__',
    id: '__proto__',
    metadata: PROTOTYPE,
    before: PROTOTYPE,
    after: { ...PROTOTYPE, x: 1 },
  },
  deep: {
    action: 'deep',
    metadata: { deep: nested('bottom', 60) },
    before: nested(1, 60),
    after: nested(2, 60),
  },
  dots: { action: '..', id: '..', actor: '.', resource: '%2e%2e/%00' },
};
const NAMES = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
const seqOf = (name: keyof typeof EVENTS) => NAMES.indexOf(name) + 1;

/** What no text may do. */
const TRAP = `
  window.pwned = 0;
  window.alert = window.prompt = window.confirm = () => (window.pwned = 5);
`;

let example: Example;

beforeAll(async () => {
  example = await startExample();
  for (const name of NAMES) await example.audit.event({ tenantId: 'acme', ...EVENTS[name] });
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
});

const open = (opening: object = {}) =>
  example.open({ script: TRAP, viewport: { width: 1400, height: 1000 }, ...opening });

/** Opens an entry with all that can be opened in it. */
async function openAllOf(trail: Trail, seq: number): Promise<void> {
  await trail.openEntry(seq);
  await trail.detail.getByText('Raw JSON').click();
  await trail.detail.locator('pre').waitFor();
}

async function expectHarmless(trail: Trail): Promise<void> {
  expect(await trail.page.evaluate('[window.pwned, {}.polluted ?? null]')).toEqual([0, null]);
  expect(
    await trail.page.locator('img, iframe, object, embed, body script, a[href^="javascript:"]').count(),
  ).toBe(0);
  expect(await trail.overflow()).toBeLessThanOrEqual(0);
}

describe('hostile entries', () => {
  it('are all in the list, and all checked', async () => {
    const trail = await open();
    for (const name of NAMES) await trail.marks(seqOf(name), 'checked');
    await expectHarmless(trail);
  });

  it('are shown in full as texts', async () => {
    const trail = await open({ own: true });
    const requests: string[] = [];
    trail.page.on('request', (request) => requests.push(request.url()));
    for (const name of NAMES) {
      await openAllOf(trail, seqOf(name));
      await trail.detail.locator('[data-mark="checked"]').waitFor();
      await expectHarmless(trail);
    }
    expect(requests.filter((url) => !url.startsWith(`${example.url}/audit/`))).toEqual([]);
  });

  it('meet a page in which no text can become HTML or a script, not even by a mistake of its own', async () => {
    const trail = await open({ own: true });
    await trail.openEntry(seqOf('script'));
    await trail.detail.locator('[data-mark="checked"]').waitFor();
    expectComplaint(REFUSED_SINK);
    expect(await openSinks(trail.page)).toEqual([]);
    await expectHarmless(trail);
  });

  it('show markup as it is written', async () => {
    const trail = await open();
    await trail.openEntry(seqOf('script'));
    expect(await trail.row(seqOf('script')).textContent()).toContain(SCRIPT);
    expect(await trail.detail.getByRole('heading', { level: 2 }).textContent()).toContain(SCRIPT);
    expect(await trail.detail.getByText(LINK).count()).toBeGreaterThan(0);
  });

  it('show characters that hide, and let none of them turn their neighbours', async () => {
    const trail = await open();
    await trail.openEntry(seqOf('direction'));
    const shown = await trail.page.evaluate<string>('document.body.innerText');
    expect(shown).not.toMatch(/[\u0007\u001b\u0085\u200b\u2028\u202e\u2066\ufeff]/);
    expect(await trail.row(seqOf('direction')).textContent()).toContain('a\\u202Egnp.exe\\u2066\\u200B');
    expect(await trail.detail.textContent()).toContain('\u241b[31m');
  });

  it('are cut where they are long, and shown whole to who asks', async () => {
    const trail = await open();
    await trail.openEntry(seqOf('long'));
    const text = trail.detail.getByText(/^x{1000,}…?$/);
    expect((await text.textContent())!.length).toBeLessThan(2000);
    await trail.detail.getByRole('button', { name: 'Show all 65,436 characters' }).click();
    await trail.detail.getByText(/^x{65436}$/).waitFor();
    await expectHarmless(trail);
  });

  it('show members that are named as prototypes are', async () => {
    const trail = await open();
    await trail.openEntry(seqOf('prototype'));
    await trail.detail.getByText('__proto__').nth(2).waitFor();
    await trail.detail.getByText('toString').first().waitFor();
    await trail.detail.getByText('polluted').first().waitFor();
  });

  it('can have a name that is a step in a path elsewhere', async () => {
    const trail = await open();
    await trail.openEntry(seqOf('dots'));
    await trail.detail.locator('[data-mark="checked"]').waitFor();
    expect(trail.query).toEqual({ entry: '..' });
  });

  it('can be filtered by', async () => {
    const trail = await open();
    await trail.field('Actor').fill(SCRIPT);
    await trail.field('Actor').press('Enter');
    await trail.lists([seqOf('script')]);
    await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
    await trail.field('Action').click();
    const option = trail.page.getByRole('option', { name: SCRIPT });
    await option.waitFor();
    await expectHarmless(trail);
    await option.click();
    await trail.lists([seqOf('script')]);
  });

  it('do nothing as parts of a link', async () => {
    const query = new URLSearchParams({
      actor: SCRIPT,
      action: OVERRIDE,
      resource: LINK,
      q: SCRIPT,
      from: SCRIPT,
      period: '__proto__',
    });
    const trail = await open({ path: `/audit/?${query.toString()}` });
    await trail.text('No entry matches these filters').waitFor();
    expect(await trail.field('Actor').inputValue()).toBe(SCRIPT);
    await expectHarmless(trail);
  });

  it('fit on a telephone', async () => {
    const trail = await open({ viewport: { width: 360, height: 740 } });
    await trail.row(seqOf('dots')).waitFor();
    expect(await trail.overflow()).toBe(0);
    const sheet = trail.page.getByRole('dialog', { name: 'Entry' });
    for (const name of NAMES) {
      await trail.row(seqOf(name)).click();
      await sheet.getByText(`Entry ${seqOf(name)}`, { exact: true }).waitFor();
      await sheet.getByText('Raw JSON').click();
      await sheet.locator('pre').waitFor();
      const wide =
        '[document.documentElement, document.querySelector("dialog"), document.querySelector("dialog .content")]';
      expect(await trail.page.evaluate(`${wide}.map((one) => one.scrollWidth - one.clientWidth)`)).toEqual([
        0, 0, 0,
      ]);
      await trail.page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    }
  });
});
