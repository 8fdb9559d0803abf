import * as fc from 'fast-check';
import { decodeHex, encodeHex } from '../../../lib/util/hex';
import { JUNK, timeOf, UNREADABLE } from '../../support/unreadable';

describe('hexOf', () => {
  it.each<[number[], string]>([
    [[], ''],
    [[0], '00'],
    [[0x0f, 0xf0, 0xff], '0ff0ff'],
    [[0xde, 0xad, 0xbe, 0xef], 'deadbeef'],
  ])('writes %p as %p', (bytes, text) => {
    expect(encodeHex(Uint8Array.from(bytes))).toBe(text);
  });

  it('writes what Node.js writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });
});

describe('bytesOfHex', () => {
  it('reads back what hexOf writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
      }),
    );
  });

  describe('when the text is not lower-case hex', () => {
    it.each(['0', '000', 'AB', 'aB', '0g', '0x', ' 0', '0 ', '00\n', '-1', '+1', '٠٠', '\ud800\udc00', 'é0'])(
      'refuses %p',
      (text) => {
        expect(() => decodeHex(text)).toThrow(UNREADABLE);
      },
    );

    it('names the text, cut short', () => {
      expect(() => decodeHex('zz'.repeat(100))).toThrow(`"${'z'.repeat(60)}…" is not hex`);
    });

    it('never gives bytes whose hex is another text', () => {
      const texts = fc.string({ unit: fc.constantFrom(...Array.from('09afAFg ')), maxLength: 6 });
      fc.assert(
        fc.property(texts, (text) => {
          const isHex = /^([0-9a-f]{2})*$/.test(text);
          if (isHex) expect(encodeHex(decodeHex(text))).toBe(text);
          else expect(() => decodeHex(text)).toThrow(UNREADABLE);
        }),
      );
    });

    it.each(JUNK.filter((junk) => !junk.startsWith('A')))('refuses a megabyte at once', (junk) => {
      expect(timeOf(() => decodeHex(junk))).toBeLessThan(60_000);
      expect(() => decodeHex(junk)).toThrow(UNREADABLE);
    });
  });
});
