import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CSV_HEADER } from '../../lib/evidence/csv';
import { createTestAudit } from '../../testing';

/** Separators that spreadsheets have by default, each alone and all at once, as LibreOffice's filter names them. */
const SEPARATORS = { comma: '44', semicolon: '59', tab: '9', all: '44/59/9' };

const FORMULA = '=1+1';

/** What is put before a formula: what starts one, what separates cells, and what programs drop or trim. */
const BEFORE = [
  '',
  ...Array.from('=+-@＝＋－＠;,\t\r\n\0"\''),
  '\r\n',
  ';\0',
  '\t\0',
  '";',
  '\u{feff}',
  '\u{a0}',
  '\u{200b}',
  '\u{2028}',
  '\u{3000}',
];

/**
 * Opens an export of hostile texts in LibreOffice: no cell of it is a formula, whatever separates them; with commas, each
 * row has as many cells as the header, and ordinary texts come as they are.
 */
export async function checkSpreadsheet(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-interop-'));
  try {
    const file = join(folder, 'trail.csv');
    writeFileSync(file, await exported());
    const found = Object.entries(SEPARATORS).map(([name, separators]) => {
      const sheet = open(file, separators, folder);
      assert(!/table:formula=/.test(sheet), `with ${name} as separator a cell is a formula`);
      return sheet;
    });
    const rows = rowsOf(found[0] ?? '');
    assert(rows.length > BEFORE.length, `${rows.length} rows are too few`);
    const [header = []] = rows;
    assert(header.join() === CSV_HEADER, `the header is another: ${header.join(' | ')}`);
    for (const cells of rows)
      assert(cells.length === header.length, `a row has ${cells.length} cells: ${cells.join(' | ')}`);
    assert(
      rows.some((cells) => cells.includes('Jürgen 李 🙂')),
      'ordinary characters are not as they were',
    );
    return `${rows.length} rows in ${found.length} ways, no formula`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function exported(): Promise<string> {
  const audit = createTestAudit();
  const tenantId = 'acme';
  await audit.event({ tenantId, action: 'ordinary', actor: { id: 'j', name: 'Jürgen 李 🙂' } });
  for (const before of BEFORE) {
    const hostile = `${before}${FORMULA}`;
    await audit.event({
      tenantId,
      action: hostile,
      actor: { id: hostile, name: hostile },
      resource: { id: hostile, type: hostile, name: hostile },
      metadata: { [hostile]: hostile, list: [hostile] },
      before: hostile,
      after: { text: `a;${hostile}` },
      context: { userAgent: hostile, requestId: hostile },
    });
  }
  return text(await audit.exportEvidence({ tenantId, format: 'csv' }));
}

/** The sheet as flat XML. */
function open(file: string, separators: string, folder: string): string {
  const options = [
    `-env:UserInstallation=file://${folder}/profile`,
    '--headless',
    `--infilter=CSV:${separators},34,76,1`,
  ];
  execFileSync('soffice', [...options, '--convert-to', 'fods', '--outdir', folder, file], {
    stdio: 'ignore',
  });
  return readFileSync(file.replace(/csv$/, 'fods'), 'utf8');
}

/** The texts of the cells of each row that has any. */
function rowsOf(sheet: string): string[][] {
  const rows = sheet.match(/<table:table-row[\s>].*?<\/table:table-row>/gs) ?? [];
  return rows.map(cellsOf).filter((cells) => cells.some((cell) => cell !== ''));
}

function cellsOf(row: string): string[] {
  const cells = [...row.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].flatMap(
    ([, attributes = '', content = '']) => {
      const repeated = Number(/number-columns-repeated="(\d+)"/.exec(attributes)?.[1] ?? 1);
      return Array.from({ length: Math.min(repeated, 100) }, () => content.replace(/<[^>]*>/g, '').trim());
    },
  );
  while (cells.length > 29 && cells.at(-1) === '') cells.pop(); // what is behind the last column of the sheet
  return cells;
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
