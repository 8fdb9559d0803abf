import * as fc from 'fast-check';
import { encodeBase64, decodeBase64 } from '../../../lib/util/base64';
import { JUNK, timeOf } from '../../support/unreadable';

/** RFC 4648 §10. */
const VECTORS: [string, string][] = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
];

describe('base64Of', () => {
  it.each(VECTORS)('writes %p as %p', (plain, text) => {
    expect(encodeBase64(Buffer.from(plain))).toBe(text);
  });

  it('uses plus and slash', () => {
    expect(encodeBase64(Uint8Array.of(0xfb, 0xef, 0xff))).toBe('++//');
  });

  it('writes what Node.js writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
  });

  it('writes a megabyte', () => {
    const bytes = Buffer.alloc(2 ** 20, 0xa5);
    expect(encodeBase64(bytes) === bytes.toString('base64')).toBe(true);
  });
});

describe('bytesOfBase64', () => {
  it.each(VECTORS)('reads %p from %p', (plain, text) => {
    expect(decodeBase64(text)).toEqual(Uint8Array.from(Buffer.from(plain)));
  });

  describe('when the text is not the one that the bytes have', () => {
    it.each([
      ['no padding', 'Zg'],
      ['half the padding', 'Zg='],
      ['too much padding', 'Zg==='],
      ['padding alone', '='],
      ['padding inside', 'Zg==Zg=='],
      ['bits after the last byte', 'Zh=='],
      ['bits after the last byte', 'Zm9='],
      ['a space before', ' Zg=='],
      ['a space inside', 'Z g=='],
      ['a line break after', 'Zg==\n'],
      ['CRLF', 'Zm9v\r\n'],
      ['a tab', 'Zm9v\t'],
      ['the URL alphabet', '--__'],
      ['one digit', 'A'],
      ['U+0000', 'Zm9v\0'],
      ['a letter outside ASCII', 'Zm9é'],
      ['full-width letters', 'Ｚｍ９ｖ'],
      ['a lone surrogate', 'Zm9\ud800'],
    ])('gives null for %s', (_, text) => {
      expect(decodeBase64(text)).toBeNull();
    });
  });

  it('gives bytes for no text but their own', () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from('AQgZz019+/=-_ \n')), maxLength: 9 });
    fc.assert(
      fc.property(texts, (text) => {
        const isCanonical = Buffer.from(text, 'base64').toString('base64') === text;
        const bytes = decodeBase64(text);
        expect(bytes !== null).toBe(isCanonical);
        if (bytes) expect(encodeBase64(bytes)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(JUNK)('has done with a megabyte at once', (junk) => {
    expect(timeOf(() => decodeBase64(junk))).toBeLessThan(60_000);
  });
});
