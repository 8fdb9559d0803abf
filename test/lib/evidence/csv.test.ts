import fc from 'fast-check';
import { COLUMNS, csvRow, plainCsvRow } from '../../../lib/evidence/csv';
import { readRow } from '../../../lib/evidence/check/read-csv';
import type { EntryRecord } from '../../../lib/evidence/records';
import { chainOf } from '../../support/evidence-file';
import { sized } from '../../support/sized';

const FORMULA = /^[=+\-@＝＋－＠\t\r]/;

const recordOf = (draft: object): EntryRecord => {
  const { hash, ...entry } = chainOf(1, 'org_acme', () => draft)[0]!;
  return { type: 'entry', entry, hash };
};

/** A plain RFC 4180 parser, as spreadsheets have one; `separator` is a semicolon in half of Europe. */
function cellsOf(text: string, separator = ','): string[] {
  const cells: string[] = [];
  let [cell, isQuoted] = ['', false];
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"' && isQuoted && text[at + 1] === '"') {
      cell += char;
      at++;
    } else if (char === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (!isQuoted && (char === separator || char === '\r' || char === '\n')) {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  return [...cells, cell];
}

const cellOf = (record: EntryRecord, column: string): string =>
  cellsOf(csvRow(record))[COLUMNS.indexOf(column)]!;

describe('a readable cell', () => {
  it.each(['=1', '+1', '-1', '@x', '＝1', '＋1', '－1', '＠x', '\tx', '\rx'])(
    'has an apostrophe before %j',
    (text) => {
      expect(cellOf(recordOf({ actor: text }), 'actor')).toBe(`'${text}`);
    },
  );

  it.each([
    ['a;=b', "a;'=b"],
    ['a\t@b', "a\t'@b"],
    ['a\r\n-b', "a\r\n'-b"],
    ['a\n+b', "a\n'+b"],
    ['\t=b', "'\t'=b"],
    ['a;\t;＝', "a;'\t;'＝"],
    ['a=b-c', 'a=b-c'],
  ])('has one wherever a spreadsheet may let a cell begin: %j', (text, cell) => {
    expect(cellOf(recordOf({ resource: text }), 'resource')).toBe(cell);
  });

  it('holds canonical text of values, so that null and its name differ', () => {
    const record = recordOf({ before: null, after: 'null', metadata: { b: 1, a: 2 } });
    expect([cellOf(record, 'before'), cellOf(record, 'after'), cellOf(record, 'metadata')]).toEqual([
      'null',
      '"null"',
      '{"a":2,"b":1}',
    ]);
  });

  it('holds a negative number as text', () => {
    expect(cellOf(recordOf({ after: -5 }), 'after')).toBe("'-5");
  });

  it('takes the address and the user agent from the context, whatever that is', () => {
    expect(cellOf(recordOf({ context: { userAgent: '=x' } }), 'userAgent')).toBe("'=x");
    expect(cellOf(recordOf({ context: { ipAddress: 4 } }), 'ipAddress')).toBe('4');
    expect(cellOf(recordOf({ context: [] }), 'ipAddress')).toBe('');
    expect(cellOf(recordOf({ context: {} }), 'ipAddress')).toBe('');
  });
});

const risky = fc
  .array(
    fc.constantFrom('=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', ';', ',', '"', 'a', '1'),
  )
  .map((chars) => chars.join(''));

it('never begins with what a spreadsheet runs', () => {
  const property = fc.property(risky, risky, fc.boolean(), (text, value, hasProof) => {
    const record = recordOf({ actor: text, onBehalfOf: text, action: text, resource: text, after: value });
    const row = hasProof ? csvRow(record) : plainCsvRow(record);
    const cells = cellsOf(row);
    expect(cells.filter((cell) => FORMULA.test(cell))).toEqual([]);
    const inEurope = cells.slice(0, hasProof ? -2 : -1).flatMap((cell) => cell.split(/[;\t\r\n]/));
    expect(inEurope.filter((cell) => /^[=+\-@＝＋－＠]/.test(cell))).toEqual([]);
    if (hasProof) expect(row.slice(row.lastIndexOf(',"{""'))).not.toContain(';');
  });
  fc.assert(property, { numRuns: sized(100, 500) });
});

it('is read again as what it was, whatever it holds', () => {
  const text = fc.string({ unit: fc.oneof(fc.string({ unit: 'grapheme' }), risky), maxLength: 8 });
  const property = fc.property(text, fc.jsonValue(), (actor, after) => {
    const record = recordOf({ actor, resource: actor, after: JSON.parse(JSON.stringify(after)) });
    const read = readRow(csvRow(record));
    expect(read.flaw).toBeNull();
    expect(read.record).toEqual(record);
  });
  fc.assert(property, { numRuns: sized(60, 300) });
});
