import { readBeginning } from '../../../../lib/evidence/check/file-beginning';
import { FORMATS } from '../../../support/evidence';
import { chainOf, encode, recordsOf, withExport } from '../../../support/evidence-file';

const NOTHING = { isEvidence: false, isPlainExport: false, stated: null };

describe.each(FORMATS)('a file in %s', (format) => {
  const records = recordsOf(withExport(chainOf(3, 'acme & co'), {}), {}, null);

  it('says of which tree it is', () => {
    const stated = { origin: 'audit.example.com/acme%20%26%20co', size: 4 };
    const beginning = encode(records, format).slice(0, 2000);
    expect(readBeginning(beginning)).toEqual({ isEvidence: true, isPlainExport: false, stated });
  });

  it.each<[string, (text: string) => string]>([
    ['with a byte order mark', (text) => `\ufeff${text}`],
    ['without one', (text) => text.replace('\ufeff', '')],
    ['with CR LF', (text) => text.replaceAll(/\r?\n/g, '\r\n')],
    ['with line feeds alone', (text) => text.replaceAll('\r\n', '\n')],
    [
      'with other separators',
      (text) =>
        format === 'csv' ? text.replaceAll(/^\w+,+/gm, (cells) => cells.replaceAll(',', ';')) : text,
    ],
  ])('is known as evidence when a program saved it again %s', (_, saved) => {
    expect(readBeginning(saved(encode(records, format)).slice(0, 2000))).toMatchObject({
      isEvidence: true,
      stated: { size: 4 },
    });
  });

  it('is told from one without proof', () => {
    const entries = records.filter(({ type }) => type === 'entry');
    expect(readBeginning(encode(entries, format, false))).toEqual({ ...NOTHING, isPlainExport: true });
  });
});

it.each([
  ['nothing', ''],
  ['text', 'hello\nworld'],
  ['half a manifest', '{"format":"express-audit-ledger/evidence/v1'],
  ['another document', '[1]\n2\n'],
])('takes %s for nothing', (_, text) => {
  expect(readBeginning(text)).toEqual(NOTHING);
});

it('names no tree where the manifest names none', () => {
  const format = '"format":"express-audit-ledger/evidence/v1"';
  for (const members of [
    '',
    ',"ledger":"l","tenantId":"t"',
    ',"ledger":"l","tenantId":"\\ud800","treeSize":1',
  ])
    expect(readBeginning(`{${format}${members}}\n`)).toEqual({ ...NOTHING, isEvidence: true });
});
