import { accessibilityViolations } from '../support/chromium';
import { type Example, startExample } from '../support/example';
import { recordSome } from '../support/some-entries';
import { eventually } from '../support/eventually';
import type { Trail } from '../support/trail-page';

const SIZE = 60;

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await recordSome(example.audit, SIZE);
  await example.audit.checkpoint('acme');
  await example.signIn('ada@acme.example');
});

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };

/** An entry that has all parts which an entry can have. */
const WHOLE = 57;

async function openDetail(trail: Trail): Promise<void> {
  await trail.row(WHOLE).click();
  await trail.page.getByRole('heading', { name: 'Changes' }).waitFor();
}

async function openExport(trail: Trail): Promise<void> {
  await trail.button('Export').click();
  await trail.page.getByRole('dialog', { name: 'Export entries' }).waitFor();
}

async function expectAccessible(trail: Trail, what: string): Promise<void> {
  const [violations, overflow] = [await accessibilityViolations(trail.page), await trail.overflow()];
  expect({ what, violations, overflow }).toEqual({ what, violations: [], overflow: 0 });
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  describe.each(['wide', 'narrow'] as const)('in a %s window', (size) => {
    it('has no barrier, and needs no scrolling to the side', async () => {
      const trail = await example.open({ colorScheme, viewport: SIZES[size] });
      await trail.marks(WHOLE, 'checked');
      await trail.page.getByRole('slider').first().waitFor();
      await expectAccessible(trail, 'the list');

      await openDetail(trail);
      await trail.text('Raw JSON').click();
      await expectAccessible(trail, 'an open entry');
      await trail.page.keyboard.press('Escape');

      await openExport(trail);
      await expectAccessible(trail, 'the dialog for exports');
      await trail.page.keyboard.press('Escape');

      if (size === 'narrow') await trail.button('Filters').click();
      await trail.field('Outcome').selectOption('Denied');
      await trail.filters.getByRole('button', { name: 'Reset filters' }).waitFor();
      await trail.row(52).waitFor();
      await expectAccessible(trail, 'the list behind a filter');
    });
  });
});

describe('the keyboard alone', () => {
  /** What the Tab key comes to, until it comes to something again. */
  async function tabStops(trail: Trail): Promise<string[]> {
    const stops: string[] = [];
    for (;;) {
      await trail.page.keyboard.press('Tab');
      const stop = await trail.focused();
      if (stops.includes(stop) || stop.startsWith('body') || stops.length > 40) return stops;
      stops.push(stop);
    }
  }

  it('reaches all there is, in the order in which it is seen', async () => {
    const trail = await example.open({ path: '/audit/?period=30d' });
    await trail.row(SIZE).waitFor();
    await trail.page.getByRole('slider').first().waitFor();
    expect(await tabStops(trail)).toEqual([
      'button Check the whole trail',
      'button Export',
      'input Search loaded entries',
      'combobox Actor',
      'combobox Action',
      'input Resource',
      'select Outcome',
      'select Period',
      'button More filters',
      'button Reset filters',
      'slider Start of the selected period',
      'slider End of the selected period',
      'button All time',
      'grid Entries, newest first',
    ]);
  });

  it('goes through the list, which scrolls with it', async () => {
    const trail = await example.open();
    await trail.row(SIZE).waitFor();
    await trail.grid.focus();
    const active = async () => {
      const id = await trail.grid.getAttribute('aria-activedescendant');
      return Number(await trail.page.locator(`[id="${id ?? ''}"]`).getAttribute('data-seq'));
    };
    const press = async (key: string, seq: number) => {
      await trail.page.keyboard.press(key);
      await eventually(async () => expect(await active()).toBe(seq));
      await eventually(async () => {
        const [row, grid] = await Promise.all([trail.row(seq).boundingBox(), trail.grid.boundingBox()]);
        expect(row!.y).toBeGreaterThanOrEqual(grid!.y);
        expect(row!.y + row!.height).toBeLessThanOrEqual(grid!.y + grid!.height + 1);
      });
    };
    expect(await active()).toBe(SIZE + 1);
    await press('ArrowDown', SIZE);
    await press('ArrowDown', SIZE - 1);
    await press('ArrowUp', SIZE);
    await press('End', 1);
    await press('ArrowDown', 1);
    await press('Home', SIZE + 1);
    await trail.page.keyboard.press('PageDown');
    await eventually(async () => expect(await active()).toBeLessThan(SIZE - 3));
    const seq = await active();
    await trail.page.keyboard.press(' ');
    await trail.shows(seq);
  });

  it('goes through an open entry, and stays in an open dialog', async () => {
    const trail = await example.open();
    await trail.openEntry(WHOLE);
    const inDetail = 'document.activeElement.closest("aside") !== null';
    const names: string[] = [];
    for (await trail.page.keyboard.press('Tab'); await trail.page.evaluate(inDetail);) {
      names.push(await trail.focused());
      await trail.page.keyboard.press('Tab');
    }
    expect(names.slice(0, 4)).toEqual([
      'button Close',
      'button Previous entry',
      'button Next entry',
      'button Copy link',
    ]);
    expect(names).toContain('summary Raw JSON');
    await trail.button('Export').focus();
    await trail.page.keyboard.press('Enter');
    const dialog = trail.page.getByRole('dialog', { name: 'Export entries' });
    await dialog.waitFor();
    for (let i = 0; i < 12; i++) {
      await trail.page.keyboard.press('Tab');
      const isOutside =
        'document.activeElement !== document.body && !document.activeElement.closest("dialog")';
      expect(await trail.page.evaluate(isOutside)).toBe(false);
    }
    await trail.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(async () => expect(await trail.focused()).toBe('button Export'));
  });

  it('sees where it is', async () => {
    const trail = await example.open();
    await trail.row(SIZE).waitFor();
    const outlines = [];
    for (let i = 0; i < 8; i++) {
      await trail.page.keyboard.press('Tab');
      outlines.push(
        await trail.page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle'),
      );
    }
    expect(outlines).not.toContain('none');
  });
});
