import type { Page } from 'playwright-core';
import { chainOf, encode, newSigner, recordsOf, withExport } from '../support/evidence-file';
import { FORMATS } from '../support/evidence';
import { check, openVerify, type Shown } from '../support/verify-page';

const RUN = 'globalThis.ran=1';
const MARKUP = `<img src=x onerror="${RUN}"><script>${RUN}</script><a href="javascript:${RUN}">x</a>`;
/** What lets text run from right to left. */
const RLO = '\u202e';
const BIDI = '\u202egnp.\u2066evil\u2069\u200b\u0000\u001b[31m\u00a0\u2028';
const signer = newSigner();

/** What must not be there, whatever was in a file. */
async function assertHarmless(page: Page): Promise<void> {
  expect(await page.evaluate('globalThis.ran')).toBeUndefined();
  expect(await page.locator('main img, main a, main script, main iframe, main style').count()).toBe(0);
  const hidden = await page.evaluate<string[]>(
    String.raw`document.body.innerText.match(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\0\x1b\u2028]/g) ?? []`,
  );
  expect(hidden).toEqual([]);
}

/** An export of a tenant of that name, every field of whose entries is hostile. */
function hostileFile(tenantId: string, format: (typeof FORMATS)[number]): string {
  const actor = `${MARKUP}${BIDI}`;
  const filter = { actor, resource: `=cmd|' /C calc'!A0${MARKUP}` };
  const change = () => ({
    ...filter,
    action: 'a.b',
    metadata: { [MARKUP]: `${BIDI}${'<b>'.repeat(21_000)}` },
  });
  const entries = withExport(chainOf(5, tenantId, change), filter);
  return encode(recordsOf(entries, filter, signer), format);
}

it.each(FORMATS)('shows what is in a file as text, and runs nothing of it: %s', async (format) => {
  const tenantId = `${MARKUP}${RLO}acme`;
  const page = await openVerify();
  const name = `<img src=x onerror=${RUN}>${RLO}vsc.exe`;
  const file = { name, content: hostileFile(tenantId, format) };
  const [shown] = (await check(page, [file], { keys: [signer.vkeyOf(tenantId)] })) as [Shown];

  expect(shown).toMatchObject({ verdict: 'signed', problems: [] });
  expect(shown.figures['Tenant']).toBe(tenantId.replace('\u202e', 'U+202E'));
  expect(shown.figures['Filter']).toContain(
    `Actor: ${MARKUP}U+202Egnp.U+2066evilU+2069U+200BU+0000U+001B[31m`,
  );
  expect(shown.file).toContain('U+202Evsc.exe');
  await assertHarmless(page);
});

it('shows problems and the keys of a broken file as text, and cuts what is long', async () => {
  const whole = hostileFile('acme', 'jsonl');
  const ledger = JSON.stringify(`${MARKUP}${RLO}${'long'.repeat(20_000)}`).slice(1, -1);
  const contents = [
    whole.replace('"ledger":"audit.example.com"', `"ledger":"${ledger}"`),
    whole.replace(/"keys":\["[^"]*"\]/, `"keys":["${MARKUP.replaceAll('"', "'")}","${'k'.repeat(90_000)}"]`),
    whole.replace('"tenantId":"acme","treeSize"', `"tenantId":"\\ud83d${RLO}","treeSize"`),
  ];
  const page = await openVerify();
  const files = contents.map((content, i) => ({ name: `file ${i}`, content }));
  const shown = await check(page, files, { keys: [signer.vkeyOf('acme')] });

  expect(shown.map(({ verdict }) => verdict)).toEqual(['broken', 'broken', 'broken']);
  expect(shown[0]?.figures['Ledger']).toMatch(
    /^<img src=x.*U\+202Elonglong.*… \(80,\d+ characters in all\)$/,
  );
  expect(shown[0]?.problems.map(({ message }) => message).join()).toContain('<img src=x');
  expect(shown[1]?.keys[1]).toMatch(/^k{300}… \(90,000 characters in all\)$/);
  expect(await page.getByRole('button', { name: /^Copy/ }).count()).toBeLessThan(3);
  await assertHarmless(page);
});
