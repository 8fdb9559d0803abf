import fc from 'fast-check';
import { LineSplitter, MAX_LINE_BYTES } from '../../../../lib/evidence/check/line-splitter';

function linesOf(...chunks: (Uint8Array | string)[]): { lines: string[]; isTorn: boolean } {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, isTorn: splitter.isTorn };
}

it('cuts at line feeds alone', () => {
  expect(linesOf('a\r\n\nb\u2028c\n')).toEqual({ lines: ['a\r', '', 'b\u2028c'], isTorn: false });
});

it('says when the last line has no line break', () => {
  expect(linesOf('a\nb')).toEqual({ lines: ['a'], isTorn: true });
});

it('finds the same lines however bytes and texts are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀', '\u2028'), maxLength: 30 });
  const property = fc.property(text, fc.array(fc.nat(120), { maxLength: 6 }), (given, cuts) => {
    const whole = linesOf(`${given}\n`);
    const bytes = Buffer.from(`${given}\n`);
    const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
    expect(linesOf(...ends.slice(1).map((end, i) => bytes.subarray(ends[i], end)))).toEqual(whole);
    expect(linesOf(...`${given}\n`.split(''))).toEqual(whole);
  });
  fc.assert(property);
});

it('keeps pairs together in a text of any length', () => {
  const text = '😀'.repeat(100_000);
  expect(linesOf(`a${text}\n`).lines).toEqual([`a${text}`]);
});

it('gives the lines before one that is not UTF-8', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  expect(() => splitter.push(Buffer.from('YQpiCv8KYwo=', 'base64'))).toThrow(
    'Line 3 of the file is not UTF-8',
  );
  expect(lines).toEqual(['a', 'b']);
});

it.each([
  ['alone', ['\ud800\n']],
  ['before text', ['\ud800', 'a\n']],
  ['before bytes', ['\ud800', Buffer.from('\n')]],
  ['the wrong way round', ['\udc00\ud800\n']],
])('takes a lone surrogate for what is not UTF-8: %s', (_, chunks) => {
  expect(() => linesOf(...chunks)).toThrow('not UTF-8');
});

it('does not keep a line that no evidence has', () => {
  const chunk = new Uint8Array(1024 * 1024).fill(0x61);
  let pushed = 0;
  const splitter = new LineSplitter(() => undefined);
  const push = (): void => {
    for (; pushed < 1024; pushed++) splitter.push(chunk);
  };
  expect(push).toThrow('Line 1 of the file is longer than 16 MiB');
  expect(pushed).toBe(16);
});

it('takes a line of the greatest length, and none longer', () => {
  const line = Buffer.alloc(MAX_LINE_BYTES + 1, 'a');
  const { lines } = linesOf(line.subarray(1), '\n');
  expect(lines[0]).toHaveLength(MAX_LINE_BYTES);
  expect(() => linesOf(line, '\n')).toThrow('longer');
});
