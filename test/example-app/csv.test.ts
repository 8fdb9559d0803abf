import { csvRow } from '../../example-app/csv';

const cellOf = (text: string): string => csvRow([text]).slice(1, -3);

describe('a cell that a spreadsheet would run', () => {
  it.each([
    ...[
      '=1',
      '+1',
      '-1',
      '@x',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      '\tx',
      '\rx',
      ' =1',
      '  +1',
      '\u00a0=1',
      '\u2007@x',
    ],
    ...[
      '\u200b=1',
      '\u2060=1',
      '\ufeff=1',
      '\u00ad=1',
      '\u202e=1',
      '\u3000-1',
      '\u0001=1',
      '\x7f=1',
      ' \u200b\u00a0=1',
    ],
  ])('has an apostrophe before it: %j', (text) => {
    expect(cellOf(text)).toBe(`'${text}`);
  });

  it.each([
    ['a;=1', "a;'=1"],
    ['a\n\u200b=1', "a\n'\u200b=1"],
    ['a\t =1', "a\t' =1"],
    ['\0=1', '\ufffd=1'],
    ['=1"', `'=1""`],
  ])('has one wherever a cell may begin, and no U+0000: %j', (text, cell) => {
    expect(cellOf(text)).toBe(cell);
  });

  it.each(['ann@example.com', 'Ann', ' Ann', '1-2', 'a = b', ''])(
    'is as it is when it is harmless: %j',
    (text) => {
      expect(cellOf(text)).toBe(text);
    },
  );

  it('is found without a long search', () => {
    const blank = ' '.repeat(200_000);
    expect(cellOf(blank)).toBe(blank);
    expect(cellOf('\n'.repeat(200_000))).toHaveLength(200_000);
  });
});
