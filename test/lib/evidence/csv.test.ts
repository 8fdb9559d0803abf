import fc from 'fast-check';
import { canonicalize } from '../../../lib/chain/canonical';
import { COLUMNS, CSV_HEADER, csvRow, plainCsvRow } from '../../../lib/evidence/csv';
import { readRow } from '../../../lib/evidence/check/read-csv';
import type { EntryRecord, Omitted } from '../../../lib/evidence/records';
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

describe('the columns', () => {
  it('are those of the format', () => {
    expect(CSV_HEADER).toBe(
      'type,seq,recordedAt,occurredAt,actor,actorType,actorName,onBehalfOf,action,resource,resourceType,resourceName,outcome,' +
        'ipAddress,userAgent,method,route,path,statusCode,durationMs,requestId,traceId,via,metadata,before,after,id,prevHash,hash,entry',
    );
    expect(COLUMNS).toHaveLength(30);
  });

  it('have what the entry has, each its own', () => {
    const context = {
      ipAddress: 'ip',
      userAgent: 'agent',
      method: 'PUT',
      route: '/r/:id',
      path: '/r/1',
      statusCode: 200,
      durationMs: 1.5,
      requestId: 'req',
      traceId: 'trace',
    };
    const members = {
      actor: 'a',
      actorType: 'user',
      actorName: 'Ann',
      onBehalfOf: 'b',
      action: 'c.d',
      resource: 'r',
      resourceType: 'invoice',
      resourceName: 'R',
      outcome: 'success',
      via: 'abcdefghij23',
      id: 'id',
    };
    const record = recordOf({ ...members, context, metadata: { n: 1 }, before: null, after: [1] });
    const found = Object.fromEntries(COLUMNS.map((name) => [name, cellOf(record, name)]));
    expect(found).toMatchObject({
      ...members,
      ...context,
      statusCode: '200',
      durationMs: '1.5',
      metadata: '{"n":1}',
      before: 'null',
      after: '[1]',
      type: 'entry',
      seq: '1',
      recordedAt: record.entry.recordedAt,
      occurredAt: record.entry.occurredAt,
      prevHash: record.entry.prevHash,
      hash: record.hash,
    });
    expect(cellsOf(plainCsvRow(record)).slice(0, 28)).toEqual(cellsOf(csvRow(record)).slice(1, 29));
  });

  it('are as many in each row', () => {
    for (const { record } of [{ record: recordOf({}) }, { record: recordOf({ actor: 'a,b;c\td"e' }) }])
      expect(cellsOf(csvRow(record).slice(0, -2))).toHaveLength(30);
    const omitted: Omitted = { type: 'omitted', first: 1, last: 2, hash: '0'.repeat(64) };
    expect(cellsOf(csvRow(omitted).slice(0, -2))).toHaveLength(30);
  });
});

describe('a cell that programs would break', () => {
  it.each([
    ['a;b', '"a;b"'],
    ['a\tb', '"a\tb"'],
    ['a,b', '"a,b"'],
    ['a b', 'a b'],
  ])('is quoted where it holds a separator of some program: %j', (actor, cell) => {
    expect(plainCsvRow(recordOf({ actor, actorType: 'user' }))).toContain(`,${cell},user,`);
  });

  it.each([
    ['\0=1+1', '\ufffd=1+1'],
    ['a;\0=1', 'a;\ufffd=1'],
    ['\t\0@x', "'\t\ufffd@x"],
    ['\0', '\ufffd'],
  ])('has no U+0000, which some drop: %j', (text, cell) => {
    expect(cellOf(recordOf({ resource: text }), 'resource')).toBe(cell);
  });

  const cut = (text: string): string => cellOf(recordOf({ resource: text }), 'resource');

  it('is cut where it is longer than spreadsheets take, and says so', () => {
    expect(cut('a'.repeat(32_767))).toBe('a'.repeat(32_767));
    expect(cut('a'.repeat(32_768))).toBe(`${'a'.repeat(32_000)}…[cut]`);
    expect(cut(`${'a'.repeat(31_999)}😀${'b'.repeat(9_999)}`)).toBe(`${'a'.repeat(31_999)}…[cut]`);
    expect(cut(`${'a'.repeat(31_998)}😀${'b'.repeat(9_999)}`)).toBe(`${'a'.repeat(31_998)}😀…[cut]`);
  });

  it('is cut when an apostrophe makes it too long', () => {
    expect(cut(`=${'a'.repeat(32_765)}`)).toBe(`'=${'a'.repeat(32_765)}`);
    expect(cut(`=${'a'.repeat(32_766)}`)).toBe(`'=${'a'.repeat(31_998)}…[cut]`);
    expect(cut(';='.repeat(20_000))).toBe(`${";'=".repeat(10_667).slice(0, 32_000)}…[cut]`);
  });

  it('is cut when it is canonical text, and `entry` is not', () => {
    const metadata = { list: Array.from({ length: 9_000 }, (_, n) => `item ${n}`) };
    const record = recordOf({ metadata });
    const text = canonicalize(metadata);
    expect(cellOf(record, 'metadata')).toBe(`${text.slice(0, 32_000)}…[cut]`);
    expect(cellOf(record, 'entry')).toContain(text);
    expect(readRow(csvRow(record))).toMatchObject({ flaw: null, record });
  });
});

const risky = fc
  .array(
    fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '＝',
      '＋',
      '－',
      '＠',
      '\t',
      '\r',
      '\n',
      ';',
      ',',
      '"',
      'a',
      '1',
      '\0',
    ),
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
