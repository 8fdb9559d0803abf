import express from 'express';
import { auditRouter } from '../../index';
import { link } from '../../lib/chain/link';
import { sha256 } from '../../lib/crypto/node';
import { toDocument } from '../../models/store/write-document';
import { AlterableStore } from '../support/alterable-store';
import { newPage } from '../support/chromium';
import { type Example, listen, startExample } from '../support/example';
import { eventually } from '../support/eventually';
import { ledgerOn } from '../support/memory-ledger';
import { LEDGER, newKey } from '../support/signing';
import { Trail } from '../support/trail-page';

let example: Example;
let recordedAt: string;

beforeAll(async () => {
  example = await startExample();
  await example.signIn('ada@acme.example');
  await example.audit.event({ tenantId: 'acme', action: 'contact.import', actor: 'ada', outcome: 'denied' });
  await example.audit.checkpoint('acme');
  recordedAt = (await example.audit.list({ tenantId: 'acme', limit: 1 }))[0]!.recordedAt;
});

describe('the language', () => {
  it('is German where the browser is', async () => {
    const { page } = await example.open({ locale: 'de-AT', timezoneId: 'Europe/Vienna' });
    await page.getByRole('heading', { name: 'Audit-Protokoll' }).waitFor();
    expect(await page.title()).toBe('Audit-Protokoll');
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    const row = page.getByRole('grid', { name: 'Einträge, neueste zuerst' }).locator('[data-seq="2"]');
    await row.getByText('Verweigert').waitFor();
    await row.getByText('Geprüft').waitFor();
    await row.click();
    const detail = page.getByRole('complementary', { name: 'Eintrag' });
    await detail.getByText('Ihr Browser hat den Inhalt dieses Eintrags geprüft').waitFor();
    await page.getByRole('button', { name: 'Exportieren' }).waitFor();
    const english = /\b(Entry|Entries|Export entries|Search|Checked|Filters|Outcome|Close)\b/;
    expect(await page.evaluate<string>('document.body.innerText')).not.toMatch(english);
  });

  it('is that of the titles of actions, as far as the application says them', async () => {
    const { page } = await example.open({ locale: 'de-AT' });
    const titles = { 'contact.import': { en: 'Imported', de: 'Kontakt <b>importiert' } };
    await page.route('**/audit/session', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...((await answer.json()) as object), titles } });
    });
    await page.reload();
    const row = page.locator('[data-seq="2"]');
    await row.getByText('Kontakt <b>importiert', { exact: true }).waitFor();
    await row.getByText('contact.import', { exact: true }).waitFor();
    await row.click();
    await page.getByRole('heading', { name: 'Kontakt <b>importiert contact.import' }).waitFor();
  });

  it('is English where the browser is of another one', async () => {
    const trail = await example.open({ locale: 'fr-FR' });
    await trail.row(2).waitFor();
    expect(await trail.page.evaluate('document.documentElement.lang')).toBe('en');
  });
});

describe('what is no problem of a trail, and has to be known', () => {
  /** A trail that was opened again after its end was lost, and of which somebody states what nobody has signed. */
  async function openedAgain(): Promise<string> {
    const store = new AlterableStore();
    const { audit } = ledgerOn(store, { ledger: LEDGER, signingKey: newKey() });
    for (let n = 0; n < 3; n++) await audit.event({ tenantId: 'acme', action: 'contact.import' });
    await audit.checkpoint('acme');
    store.remove(store.documents('acme').at(-1)!['_id']);
    await audit.reopen({ tenantId: 'acme', reason: 'the backup of Monday', actor: 'ada' });
    await audit.flush();
    const [stated] = await audit.list({ tenantId: 'system', action: 'ledger.checkpoint', limit: 1 });
    const [last] = await audit.list({ tenantId: 'system', limit: 1 });
    const { seq: _, hash: __, prevHash: ___, recordedAt: ____, ...draft } = stated!;
    const metadata = { tenantId: 'acme', size: 1000, root: 'ab'.repeat(32) };
    const planted = link({ ...draft, id: 'planted', metadata }, last!, last!.recordedAt, sha256);
    store.plant(toDocument(planted));
    const app = express();
    app.use('/audit', auditRouter({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    return listen(app);
  }
  let url: string;
  beforeAll(async () => {
    url = await openedAgain();
  });

  it.each([
    [
      'en-GB',
      'Check the whole trail',
      'The trail is intact',
      /^This trail was opened again.*"ada": "the backup of Monday"/,
      /^Something is told of this trail that no known key has signed.*1000 entries/,
    ],
    [
      'de-DE',
      'Ganzes Protokoll prüfen',
      'Das Protokoll ist unversehrt',
      /^Dieses Protokoll wurde wieder geöffnet.*"ada": "the backup of Monday"/,
      /^Über dieses Protokoll wird etwas behauptet.*1000 entries/,
    ],
  ])(
    'is told in words where all of it is checked, in %s',
    async (locale, open, intact, reopened, unproven) => {
      const page = await newPage({ locale });
      await page.goto(`${url}/audit/`);
      await page.getByRole('button', { name: open }).click();
      const dialog = page.getByRole('dialog', { name: open });
      await dialog.getByText(intact).waitFor();
      const notices = await dialog.getByRole('listitem').allTextContents();
      expect(notices).toEqual([expect.stringMatching(reopened), expect.stringMatching(unproven)]);
    },
  );
});

describe('times', () => {
  it.each([
    ['en-GB', 'Asia/Kolkata', 'Time (GMT+5:30)'],
    ['en-GB', 'UTC', 'Time (UTC)'],
    ['de-DE', 'America/New_York', /^Zeit \(.+\)$/],
  ])('are those of the browser’s zone, in %s and %s', async (locale, timezoneId, column) => {
    const { page } = await example.open({ locale, timezoneId });
    const time = page.locator('[data-seq="2"] time');
    const shown = new Date(recordedAt).toLocaleString(locale, {
      timeZone: timezoneId,
      year: 'numeric',
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    await time.waitFor();
    expect(await time.innerText()).toBe(shown);
    expect(await time.getAttribute('title')).toBe(`UTC: ${recordedAt}`);
    expect(await time.getAttribute('datetime')).toBe(recordedAt);
    await page.getByRole('columnheader', { name: column }).waitFor();
  });

  it('say their zone where an entry is shown in full', async () => {
    const trail = await example.open({ timezoneId: 'Asia/Kolkata' });
    await trail.openEntry(2);
    const time = trail.detail.getByRole('time').last();
    expect(await time.textContent()).toMatch(/GMT\+5:30$/);
    await trail.detail.getByText(recordedAt, { exact: true }).first().waitFor();
  });
});

describe('a telephone', () => {
  it.each(['en-GB', 'de-DE'])('needs no scrolling to the side, in %s', async (locale) => {
    const { page } = await example.open({
      locale,
      viewport: { width: 360, height: 740 },
      timezoneId: 'Asia/Kolkata',
    });
    const trail = new Trail(page);
    const row = page.locator('[data-seq="2"]');
    await row.locator('[data-mark="checked"]').waitFor();
    expect(await trail.overflow()).toBe(0);
    await page.getByRole('button', { name: /^Filter/ }).click();
    await page.getByRole('combobox').first().waitFor();
    expect(await trail.overflow()).toBe(0);
    await row.click();
    const sheet = page.getByRole('dialog');
    await sheet.locator('[data-mark="checked"]').waitFor();
    expect(await trail.overflow()).toBe(0);
    const box = (await sheet.boundingBox())!;
    expect(box.width).toBeLessThanOrEqual(360);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await eventually(async () => expect(await trail.focused()).toMatch(/^grid /));
  });
});
