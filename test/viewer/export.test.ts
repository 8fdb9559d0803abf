import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Locator } from 'playwright-core';
import { verifyEvidence } from '../../index';
import { expectComplaint, textOfDownload } from '../support/chromium';
import { csvRows } from '../support/csv-rows';
import { type Example, listen, type Opening, startExample } from '../support/example';
import { pass, proxyTo } from '../support/proxy';
import { recordSome } from '../support/some-entries';
import { vkeyOf } from '../support/signing';
import { eventually } from '../support/eventually';
import type { Trail } from '../support/trail-page';

const SIZE = 120;
const DENIED = Math.floor(SIZE / 13);

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await recordSome(example.audit, SIZE);
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
});

/** Opens the page and its dialog for exports. */
async function openDialog(
  opening: Opening = {},
): Promise<{ trail: Trail; dialog: Locator; downloads: string[] }> {
  const trail = await example.open({ own: true, ...opening });
  const downloads: string[] = [];
  trail.page.on('download', (download) => downloads.push(download.suggestedFilename()));
  await trail.button('Export').click();
  return { trail, dialog: trail.page.getByRole('dialog', { name: 'Export entries' }), downloads };
}

/** Exports with what is chosen, and gives the file. */
async function exported(trail: Trail, dialog: Locator): Promise<{ name: string; content: string }> {
  const coming = trail.page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const download = await coming;
  await dialog
    .getByRole('status')
    .getByText(/^Saved: \d/)
    .waitFor();
  return { name: download.suggestedFilename(), content: await textOfDownload(download) };
}

describe('an export', () => {
  it.each([
    ['JSON Lines', 'jsonl'],
    ['JSON', 'json'],
    ['CSV for spreadsheets', 'csv'],
  ])('as %s is evidence of what the filter shows', async (name, extension) => {
    const { trail, dialog } = await openDialog({ path: '/audit/?outcome=denied' });
    await dialog.getByText('The entries that match the current filters.').waitFor();
    await dialog.getByRole('radio', { name, exact: true }).check();
    const file = await exported(trail, dialog);
    expect(file.name).toMatch(new RegExp(`^audit-\\d{8}T\\d{6}Z\\.${extension}$`));
    const report = await verifyEvidence(Readable.from([file.content]), {
      keys: [vkeyOf(example.key, 'acme')],
    });
    expect(report).toMatchObject({
      verdict: 'intact',
      anchor: 'signed',
      tenantId: 'acme',
      filter: { outcome: 'denied' },
      statedBySigner: true,
      entryCount: DENIED + 1, // and that of the export
    });
  });

  it('without proof holds the entries alone', async () => {
    const { trail, dialog } = await openDialog({ path: '/audit/?outcome=denied' });
    await dialog.getByRole('radio', { name: 'CSV for spreadsheets' }).check();
    await dialog.getByRole('checkbox', { name: /With proof/ }).uncheck();
    const { content } = await exported(trail, dialog);
    const [header, ...rows] = csvRows(content.replace(/^\ufeff/, ''));
    const [outcome, action] = ['outcome', 'action'].map((name) => header!.indexOf(name)) as [number, number];
    const others = rows.filter((row) => row[action] !== 'audit.export');
    expect(others.map((row) => row[outcome])).toEqual(Array.from({ length: DENIED }, () => 'denied'));
    expect(rows).toHaveLength(DENIED + 1);
  });

  it('of a period holds what the list shows', async () => {
    const { trail, dialog } = await openDialog({ path: '/audit/?period=24h&actor=user-3' });
    const { content } = await exported(trail, dialog);
    const report = await verifyEvidence(Readable.from([content]), { allowUntrustedKey: true });
    expect(report.verdict).toBe('intact');
    expect(report.filter).toMatchObject({ actor: 'user-3', from: expect.any(String) });
    expect(report.entryCount).toBe(Math.floor((SIZE - 3) / 7) + 1 + 1);
  });

  it('leads to the page that checks files', async () => {
    const { trail, dialog } = await openDialog();
    await dialog.getByRole('link', { name: 'Check an evidence file' }).click();
    await trail.page.waitForURL('**/audit/verify.html');
  });
});

describe('an export that takes its time', () => {
  /** The example behind a proxy that stops in the middle of an export, until it is told how to go on. */
  async function stopping() {
    let goOn = (_how: 'on' | 'break' | 'end'): void => undefined;
    const answer = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
      if (!from.headers['content-disposition']) return pass(from, to);
      const all = await buffer(from);
      const middle = all.indexOf('\n', all.length >> 1) + 20; // within a line
      to.write(all.subarray(0, middle));
      goOn = (how) => {
        if (how === 'break') to.destroy();
        else to.end(how === 'on' ? all.subarray(middle) : undefined);
      };
    };
    const url = await listen(proxyTo(example.url, { answer: (from, to) => void answer(from, to) }));
    const { trail, dialog, downloads } = await openDialog({ baseURL: url });
    await dialog.getByRole('button', { name: 'Export' }).click();
    await dialog.getByText(/^\d+\.\d MB, [1-9]\d* records? so far$/).waitFor();
    await dialog.getByRole('progressbar', { name: 'Export entries' }).waitFor();
    return { trail, dialog, downloads, goOn: (how: 'on' | 'break' | 'end') => goOn(how) };
  }

  it('says how far it is, and saves nothing before it is whole', async () => {
    const { trail, dialog, downloads, goOn } = await stopping();
    expect(downloads).toEqual([]);
    const coming = trail.page.waitForEvent('download');
    goOn('on');
    const content = await textOfDownload(await coming);
    await dialog.getByText(/^Saved: /).waitFor();
    const report = await verifyEvidence(Readable.from([content]), { allowUntrustedKey: true });
    expect(report.verdict).toBe('intact');
  });

  it.each<[string, 'break' | 'end']>([
    ['breaks', 'break'],
    ['is ended early by a proxy', 'end'],
  ])('gives an error and no file when its connection %s', async (_what, how) => {
    const { dialog, downloads, goOn } = await stopping();
    if (how === 'break') expectComplaint(/ERR_INCOMPLETE_CHUNKED_ENCODING/);
    goOn(how);
    await dialog.getByRole('alert').getByText('The connection broke. Nothing was saved.').waitFor();
    expect(await dialog.getByText(/^Saved: /).count()).toBe(0);
    expect(downloads).toEqual([]);
    await dialog.getByRole('button', { name: 'Export' }).waitFor();
  });

  it('can be cancelled', async () => {
    const { trail, dialog, downloads } = await stopping();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.getByRole('button', { name: 'Export' }).waitFor();
    expect(await dialog.getByRole('alert').count()).toBe(0);
    await trail.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(async () => expect(await trail.focused()).toBe('button Export'));
    expect(downloads).toEqual([]);
  });
});
