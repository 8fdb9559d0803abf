import type { Audit } from '../../index';
import type { EvidenceFormat } from '../../lib/vocabulary';
import { accessibilityViolations } from '../support/chromium';
import { connect } from '../support/connection';
import { until } from '../support/deadline';
import { FORMATS, LEDGER, signingLedger, textOf, verifierKeyOf } from '../support/evidence';
import { newSigner } from '../support/evidence-file';
import { check, checkOne, type Evidence, give, openVerify, shownIn } from '../support/verify-page';
import type { Connection } from 'mongoose';

let connection: Connection;
let audit: Audit;
const key = verifierKeyOf('acme');
const stranger = newSigner().vkeyOf('acme');
let older: string;
const files: Record<string, string> = {};

const evidence = async (format: EvidenceFormat, filter: object = {}): Promise<string> =>
  textOf(await audit.exportEvidence({ tenantId: 'acme', format, ...filter }));

const noteIn = (jsonl: string): string =>
  (JSON.parse(jsonl.trimEnd().split('\n').at(-1) ?? '') as { note: string }).note;

beforeAll(async () => {
  connection = await connect();
  audit = signingLedger(connection);
  for (let n = 1; n <= 8; n++)
    await audit.event({
      tenantId: 'acme',
      actor: `user-${n % 3}`,
      action: 'org.member.invite',
      metadata: { n },
    });
  older = noteIn(await evidence('jsonl'));
  for (const format of FORMATS)
    files[format] = await evidence(format, { actor: 'user-1', exportedBy: 'auditor' });
});

describe.each(FORMATS)('a file in %s', (format) => {
  const content = (): string => files[format] ?? '';
  const file = (): Evidence[] => [{ name: `evidence.${format}`, content: content() }];

  it('is intact under the key that signed it, and refused under another', async () => {
    const page = await openVerify();
    const [shown] = await check(page, file(), { keys: [key] });
    const [refused] = await check(page, file(), { keys: [stranger] });

    expect(shown).toMatchObject({ verdict: 'signed', title: 'Intact', problems: [], keys: [key] });
    expect(shown?.figures).toMatchObject({
      Tenant: 'acme',
      Ledger: LEDGER,
      Filter: 'Actor: user-1',
      'First and last that match': '1 and 7',
      'Confirmed by': 'a key that you gave',
    });
    expect(shown?.proven.join()).toContain('A key that was given signed the chain');
    expect(refused).toMatchObject({ verdict: 'broken', title: 'Not intact', proven: [] });
    expect(refused?.problems[0]?.message).toContain('not signed by any key that was given');
  });

  it('proves little without a key, and says why; no more where that is allowed', async () => {
    const page = await openVerify();
    const [shown] = await check(page, file());
    const [allowed] = await check(page, file(), { allow: true });

    expect(shown).toMatchObject({ verdict: 'selfSigned', keys: [key] });
    expect(shown?.title).toContain('proves little');
    expect(shown?.notProven.join()).toContain('the key comes from the file itself');
    expect(allowed).toMatchObject({ verdict: 'allowedSelfSigned', title: shown?.title });
  });

  it('is held against an older checkpoint', async () => {
    const page = await openVerify();
    const complete = [{ name: `complete.${format}`, content: await evidence(format) }];
    const [inPart] = await check(page, complete, { checkpoint: older });
    const [shown] = await check(page, complete, { keys: [key] });

    expect(inPart).toMatchObject({ verdict: 'pinnedInPart' });
    expect(shown).toMatchObject({ verdict: 'signedAndPinned' });
    expect(shown?.figures['Compared with your checkpoint']).toBe('agrees');
  });

  it('is not intact with one bit flipped, or cut off, and no evidence without proof', async () => {
    const bytes = Buffer.from(content());
    const flipped = Buffer.from(bytes);
    const at = flipped.indexOf('user-1', flipped.indexOf('org.member'));
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    const plain = await evidence(format, { includeChainProof: false });
    const contents = { flipped, cut: bytes.subarray(0, -1), plain };
    const spoilt = Object.entries(contents).map(([name, spoilt]) => ({ name, content: spoilt }));
    const shown = await check(await openVerify(), spoilt, { keys: [key] });

    expect(shown.map(({ file, verdict }) => [file, verdict])).toEqual([
      ['flipped', 'broken'],
      ['cut', 'broken'],
      ['plain', 'plain'],
    ]);
    expect(shown[2]?.title).toBe('No evidence: an export without proof');
  });

  it('is not intact when an entry was altered in the database, which is named', async () => {
    const tenantId = `altered-${format}`;
    for (let n = 1; n <= 5; n++) await audit.event({ tenantId, action: 'a.b', actor: 'ada' });
    await audit.checkpoint(tenantId);
    const { modifiedCount } = await connection
      .db!.collection('audit_entries')
      .updateOne({ tenantId, seq: 3 }, { $set: { actor: 'eve' } });
    expect(modifiedCount).toBe(1);
    const text = await textOf(await audit.exportEvidence({ tenantId, format }));
    const shown = await checkOne(text, { keys: [verifierKeyOf(tenantId)] });

    expect(shown).toMatchObject({ verdict: 'broken' });
    expect(shown.problems).toEqual([{ seq: '3', message: expect.stringContaining('entry 3') }]);
  });
});

describe('a file whose checkpoint cannot be compared', () => {
  let content: string;
  let checkpoint: string;

  beforeAll(async () => {
    const tenantId = 'apart';
    for (let n = 1; n <= 8; n++) {
      await audit.event({ tenantId, actor: n === 8 ? 'ann' : 'bob', action: 'a.b' });
      if (n === 5) checkpoint = await audit.checkpoint(tenantId);
    }
    content = await evidence('jsonl', { tenantId, actor: 'ann', exportedBy: 'auditor' });
  });

  it('says first what is right, then what cannot be said, and what to ask for', async () => {
    const shown = await checkOne(content, { keys: [verifierKeyOf('apart')], checkpoint });
    expect(shown).toMatchObject({
      verdict: 'signedNotCompared',
      title: 'Signed by a key that you gave, but not compared',
    });
    expect(shown.figures).toMatchObject({
      'Confirmed by': 'a key that you gave',
      'Compared with your checkpoint': 'cannot be compared',
    });
    expect(shown.proven.join()).toContain('A key that was given signed the chain');
    expect(shown.notProven.join()).toMatch(/checkpoint/);
    expect((await checkOne(content, { checkpoint })).verdict).toBe('cannotTell');
  });

  it('says the same in German', async () => {
    const given = { keys: [verifierKeyOf('apart')], checkpoint };
    const shown = await checkOne(content, given, { locale: 'de-DE' });
    expect(shown).toMatchObject({
      verdict: 'signedNotCompared',
      title: 'Von einem angegebenen Schlüssel unterschrieben, aber nicht verglichen',
    });
    expect(shown.figures).toMatchObject({
      'Organisation (Mandant)': 'apart',
      'Vergleich mit Ihrem Prüfpunkt': 'nicht vergleichbar',
    });
  });
});

it('cannot check what is no evidence', async () => {
  const contents = ['', 'hello\nworld\n', Buffer.from([0, 255, 10, 13, 10]), '{"name":"x"}\n'];
  const none = contents.map((content, i) => ({ name: `file ${i}`, content }));
  const shown = await check(await openVerify(), none, { keys: [key] });

  expect(shown.map(({ verdict }) => verdict)).toEqual(contents.map(() => 'noEvidence'));
});

describe('what is entered', () => {
  it('must be keys and checkpoints, and is named where it is none', async () => {
    const page = await openVerify();
    await give(page, { keys: [key, 'no key'], checkpoint: 'no checkpoint' });

    await page.getByText('This is no verifier key: no key').waitFor();
    await page.getByText('This is no checkpoint').waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(2);
    const [shown] = await check(page, [{ name: 'a', content: files['csv'] ?? '' }]);
    expect(shown).toMatchObject({ verdict: 'badKey' });
    const [other] = await check(page, [{ name: 'b', content: files['csv'] ?? '' }], { keys: [key] });
    expect(other).toMatchObject({ verdict: 'badCheckpoint' });
  });

  it('may be a file of checkpoints, of which that of the chain is taken', async () => {
    const foreign = `another.example.com/acme\n3\n${'A'.repeat(43)}=\n`;
    const page = await openVerify();
    const log = [foreign, older].map((note) => JSON.stringify(note)).join('\n');
    await page.locator('#checkpoint-file').setInputFiles({
      name: 'checkpoints.jsonl',
      mimeType: '',
      buffer: Buffer.from(`${log}\n"torn`),
    });
    await until(async () =>
      (await page.locator('#checkpoint').inputValue()).includes(foreign.split('/')[0]!),
    );
    const complete = await evidence('json');
    const [shown] = await check(page, [{ name: 'a', content: complete }], { keys: [key] });
    expect(shown).toMatchObject({ verdict: 'signedAndPinned' });
    const given = { checkpoint: `${JSON.stringify(foreign)}\n` };
    const [other] = await check(page, [{ name: 'b', content: complete }], given);
    expect(other).toMatchObject({ verdict: 'uncompared' });
  });

  it('leaves no choice to accept the key out of the file once a key is given', async () => {
    const page = await openVerify();
    await give(page, { allow: true, keys: [key] });

    expect(await page.locator('#allow').isDisabled()).toBe(true);
    expect(await page.locator('#allow').isChecked()).toBe(false);
  });

  it('counts for what is checked behind it: an older verdict says that it is old', async () => {
    const page = await openVerify();
    await check(page, [{ name: 'a', content: files['jsonl'] ?? '' }]);
    await give(page, { keys: [key] });
    await page.getByText('was changed since this check').waitFor();
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.locator('[data-verdict=signed]').waitFor();

    expect(await page.getByText('was changed since this check').count()).toBe(0);
    expect(await page.locator('[data-verdict]').count()).toBe(1); // the older one has made way
    await page.getByRole('button', { name: 'Remove' }).click();
    expect(await page.locator('article').count()).toBe(0);
  });
});

it('checks files that are dropped, one after the other', async () => {
  const page = await openVerify();
  await give(page, { keys: [key] });
  const contents = FORMATS.map((format) => [`dropped.${format}`, files[format]]);
  await page.evaluate(`{
    const transfer = new DataTransfer();
    for (const [name, text] of ${JSON.stringify(contents)}) transfer.items.add(new File([text], name));
    for (const type of ['dragover', 'drop'])
      document.querySelector('.drop').dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }`);
  const shown = await Promise.all([0, 1, 2].map((n) => shownIn(page, n)));

  expect(shown.map(({ file, verdict }) => [file, verdict])).toEqual(
    FORMATS.map((format) => [`dropped.${format}`, 'signed']),
  );
});

it('tells a screen reader what came of it', async () => {
  const page = await openVerify();
  await check(page, [{ name: 'a.jsonl', content: files['jsonl'] ?? '' }], { keys: [key] });

  expect(await page.getByRole('log').textContent()).toMatch(/^a\.jsonl: Intact\. Nothing was changed/);
});

it('copies a key of the file', async () => {
  const page = await openVerify({ permissions: ['clipboard-read', 'clipboard-write'] });
  await check(page, [{ name: 'a', content: files['csv'] ?? '' }]);
  await page.getByRole('button', { name: 'Copy key 1' }).click();
  await page.getByText('Copied').waitFor();

  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
});

it('can be used with the keyboard alone', async () => {
  const page = await openVerify();
  const visited: unknown[] = [];
  for (let n = 0; n < 5; n++) {
    await page.keyboard.press('Tab');
    visited.push(await page.evaluate('document.activeElement.id'));
  }

  expect(visited).toEqual(['keys', 'checkpoint', 'checkpoint-file', 'allow', 'evidence']);
});

it('speaks German to those who do, and writes times in their zone', async () => {
  const page = await openVerify({ locale: 'de-DE', timezoneId: 'Asia/Tokyo' });
  const [shown] = await check(page, [{ name: 'a', content: files['csv'] ?? '' }], { keys: [key] });
  const time = page.locator('time').first();
  const iso = (await time.getAttribute('datetime')) ?? '';

  expect(await page.evaluate('document.documentElement.lang')).toBe('de');
  expect(await page.title()).toBe('Nachweisdatei prüfen');
  expect(shown).toMatchObject({ title: 'Unversehrt' });
  expect(await time.getAttribute('title')).toBe(`${iso} (UTC)`);
  const inTokyo = new Intl.DateTimeFormat('de-DE', {
    dateStyle: 'long',
    timeStyle: 'long',
    timeZone: 'Asia/Tokyo',
  });
  expect(await time.textContent()).toBe(inTokyo.format(new Date(iso)));
  expect(await page.locator('.proven ul').getAttribute('lang')).toBe('en');
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it('has nothing that those who cannot see or point would stumble over', async () => {
    const page = await openVerify({ colorScheme });
    expect(await accessibilityViolations(page)).toEqual([]);
    const broken = (files['csv'] ?? '').replace('org.member', 'org.nember');
    await check(page, [
      { name: 'self-signed', content: files['json'] ?? '' },
      { name: 'none', content: 'none' },
    ]);
    await give(page, { keys: [key, 'none'] });
    await check(page, [{ name: 'bad key', content: '' }]);
    await check(
      page,
      [
        { name: 'good', content: files['jsonl'] ?? '' },
        { name: 'broken', content: broken },
      ],
      { keys: [key] },
    );
    expect(await accessibilityViolations(page)).toEqual([]);
  });
});

it('fits a phone, whatever is in the file', async () => {
  const page = await openVerify({ viewport: { width: 360, height: 740 } });
  await check(page, [{ name: `${'long'.repeat(60)}.csv`, content: files['csv'] ?? '' }]);
  const broken = (files['jsonl'] ?? '').replace('org.member', 'org.nember');
  await check(page, [{ name: 'broken.jsonl', content: broken }], { keys: [key] });

  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
});

it('takes files from the moment that the zone is there', async () => {
  const page = await openVerify({
    script: `new MutationObserver((_, observer) => {
      if (!document.querySelector('.drop')) return;
      observer.disconnect();
      const transfer = new DataTransfer();
      transfer.items.add(new File(['text'], 'early'));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }));
    }).observe(document, { childList: true, subtree: true })`,
  });

  expect(await shownIn(page, 0)).toMatchObject({ file: 'early' });
});

it('says so when a file cannot be read any more', async () => {
  const page = await openVerify();
  await page.evaluate(`{
    const file = new File(['text'], 'gone');
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('it is gone', 'NotFoundError')) });
    const event = new Event('drop', { bubbles: true });
    event.dataTransfer = { files: [file], types: ['Files'] };
    document.dispatchEvent(event);
  }`);

  expect(await shownIn(page, 0)).toMatchObject({ verdict: 'unreadable' });
  await page.getByText('it is gone').waitFor();
});
