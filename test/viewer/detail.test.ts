import { expectComplaint } from '../support/chromium';
import { type Example, startExample } from '../support/example';
import { eventually } from '../support/eventually';

let example: Example;

beforeAll(async () => {
  example = await startExample();
  const { audit } = example;
  await audit.event({ tenantId: 'acme', action: 'auth.login', actor: 'eve' });
  await audit.event({
    tenantId: 'acme',
    action: 'org.member.role_change',
    actor: { id: 'ada', type: 'user', name: 'Ada Lovelace', onBehalfOf: 'charles' },
    resource: { id: 'alan', type: 'user', name: 'Alan Turing' },
    metadata: { reason: 'promotion', approvals: [{ by: 'grace' }, { by: 'linus' }] },
    before: { role: 'member', teams: ['a', 'b'], address: { city: 'Bletchley', country: 'UK' }, mfa: true },
    after: { role: 'admin', teams: ['a', 'c'], address: { city: 'Manchester', country: 'UK' }, phone: '1' },
    context: {
      ipAddress: '192.0.2.7',
      method: 'PATCH',
      route: '/members/:id',
      statusCode: 200,
      durationMs: 12.5,
    },
  });
  await audit.event({ tenantId: 'acme', action: 'contact.import', actor: 'ada', outcome: 'denied' });
  await audit.checkpoint('acme');
  await example.signIn('ada@acme.example');
});

describe('an entry that is open', () => {
  it('tells what happened, in words', async () => {
    const trail = await example.open();
    await trail.openEntry(2);
    const { detail } = trail;
    await detail.getByRole('heading', { name: 'org.member.role_change' }).waitFor();
    const fact = (name: string) =>
      detail
        .getByRole('term')
        .getByText(name, { exact: true })
        .locator('xpath=ancestor::div[1]')
        .getByRole('definition');
    expect(await fact('Actor').textContent()).toMatch(/Ada Lovelace.*ada/);
    expect(await fact('On behalf of').textContent()).toBe('charles');
    expect(await fact('Resource').textContent()).toMatch(/Alan Turing.*alan/);
    expect(await fact('Outcome').textContent()).toBe('Success');
    expect(await fact('Route').textContent()).toBe('/members/:id');
    expect(await fact('Duration (ms)').textContent()).toBe('12.5');
    const { entries } = example;
    const { hash, prevHash, id } = (await entries.findOne({ tenantId: 'acme', seq: 2 })) as unknown as Record<
      string,
      string
    >;
    expect(await fact('Hash').textContent()).toBe(hash);
    expect(await fact('Hash of the previous entry').textContent()).toBe(prevHash);
    expect(await fact('Entry ID').textContent()).toBe(id);
    const metadata = detail.locator('section').filter({ hasText: 'Further details' });
    expect(await metadata.textContent()).toMatch(/reason.*promotion.*approvals/s);
  });

  it('shows before and after member by member', async () => {
    const trail = await example.open();
    await trail.openEntry(2);
    const table = trail.detail.getByRole('table');
    const row = (name: RegExp) => table.getByRole('row', { name });
    const cells = async (name: RegExp) =>
      (await row(name).getByRole('cell').allInnerTexts()).map((text) => text.trim());
    expect(await cells(/changed: role/)).toEqual(['member', 'admin']);
    expect(await cells(/changed: city/)).toEqual(['Bletchley', 'Manchester']);
    expect(await cells(/removed: mfa/)).toEqual(['true', 'not there']);
    expect(await cells(/added: phone/)).toEqual(['not there', '1']);
    expect(await row(/country/).count()).toBe(0);
    await table.getByRole('button', { name: '1 unchanged member' }).last().click(); // that of the address
    expect(await cells(/unchanged: country/)).toEqual(['UK', 'UK']);
  });

  it('gives all of it as JSON, to be read and copied', async () => {
    const trail = await example.open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await trail.openEntry(2);
    await trail.detail.getByText('Raw JSON').click();
    const [, entry] = await example.audit.list({ tenantId: 'acme', order: 'asc' });
    await trail.detail.getByRole('button', { name: /^Show all/ }).click();
    expect(JSON.parse(await trail.detail.locator('pre bdi').innerText())).toEqual(entry);
    await trail.detail.getByRole('button', { name: 'Copy JSON' }).click();
    await trail.detail.getByRole('button', { name: 'Copied' }).waitFor();
    expect(JSON.parse(await trail.page.evaluate<string>('navigator.clipboard.readText()'))).toEqual(entry);
  });

  it('has a link that can be copied', async () => {
    const trail = await example.open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await trail.openEntry(2);
    await trail.detail.getByRole('button', { name: 'Copy link' }).click();
    await trail.detail.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await trail.page.evaluate<string>('navigator.clipboard.readText()');
    expect(link).toBe(trail.page.url());
    await trail.page.goto('about:blank');
    await trail.page.goto(link);
    await trail.shows(2);
  });

  it('leads to the one before and the one behind, to the ends of the trail', async () => {
    const trail = await example.open();
    await trail.openEntry(2);
    await trail.detail.getByRole('button', { name: 'Previous entry' }).click();
    await trail.shows(1);
    expect(await trail.detail.getByRole('button', { name: 'Previous entry' }).isDisabled()).toBe(true);
    for (const seq of [2, 3, 4]) {
      await trail.detail.getByRole('button', { name: 'Next entry' }).click();
      await trail.shows(seq);
    }
    expect(await trail.row(4).getAttribute('aria-selected')).toBe('true');
    expect(await trail.row(2).getAttribute('aria-selected')).toBe('false');
  });

  it('leads to entries that the filter leaves out', async () => {
    const trail = await example.open({ path: '/audit/?outcome=denied' });
    await trail.lists([3]);
    await trail.openEntry(3);
    await trail.detail.getByRole('button', { name: 'Previous entry' }).click();
    await trail.shows(2);
    await trail.lists([3]);
    await trail.detail.locator('[data-mark="checked"]').waitFor();
  });

  it('is opened and closed by the keyboard, which then is where it was', async () => {
    const trail = await example.open();
    await trail.lists([4, 3, 2, 1]);
    await trail.grid.focus();
    await trail.page.keyboard.press('ArrowDown');
    await trail.page.keyboard.press('ArrowDown');
    await trail.page.keyboard.press('Enter');
    await trail.shows(2);
    expect(await trail.focused()).toBe('h2 org.member.role_change');
    await trail.page.keyboard.press('Escape');
    await trail.detail.waitFor({ state: 'detached' });
    expect(await trail.focused()).toBe('grid Entries, newest first');
    expect(trail.query).toEqual({});
    await trail.page.keyboard.press('ArrowUp');
    await trail.page.keyboard.press('Enter');
    await trail.shows(3);
  });

  it('is over the list where there is no room beside it', async () => {
    const trail = await example.open({ viewport: { width: 360, height: 700 } });
    await trail.row(2).click();
    const sheet = trail.page.getByRole('dialog', { name: 'Entry' });
    await sheet.getByText('Entry 2', { exact: true }).waitFor();
    await trail.page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await eventually(async () => expect(await trail.focused()).toBe('grid Entries, newest first'));
  });

  it('says so when it is not there', async () => {
    const trail = await example.open({ path: '/audit/?actor=ada' });
    await trail.lists([4, 3, 2]);
    const withNone = trail.page.url() + '&entry=none-such';
    expectComplaint(/404/);
    await trail.page.goto(withNone);
    await trail.detail.getByRole('heading', { name: 'There is no such entry in this trail' }).waitFor();
    await trail.lists([4, 3, 2]);
  });
});
