import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { isKeyId, keyIdIn, keyPrefix, mayHoldKey, newKeyId, newKeyText } from '../../../lib/keys/key-text';

describe('the text of a key', () => {
  it('has a prefix for scanners, the id, 256 random bits and a checksum', () => {
    const id = newKeyId();
    const text = newKeyText(id);
    expect(isKeyId(id)).toBe(true);
    expect(text).toMatch(new RegExp(`^alk_${id}_[0-9A-Za-z]{49}$`));
    expect(keyIdIn(text)).toBe(id);
    expect(newKeyText(id)).not.toBe(text);
    expect(keyPrefix(text)).toBe(text.slice(0, 21));
  });

  it('has the CRC32 of what is before it in base62 at its end', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const text = newKeyText(newKeyId());
    const number = Array.from(text.slice(-6)).reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
    expect(number).toBe(crc32(text.slice(0, -6)));
  });

  it('is none with any other character in its place', () => {
    const text = newKeyText(newKeyId());
    const place = fc.integer({ min: 0, max: text.length - 1 });
    fc.assert(
      fc.property(place, fc.string({ unit: 'binary', minLength: 0, maxLength: 2 }), (at, other) => {
        fc.pre(other !== text[at]);
        expect(keyIdIn(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
      }),
    );
  });

  it('is noticed within a longer text, in any case', () => {
    const text = newKeyText(newKeyId());
    for (const query of [`key=${text}`, text.toUpperCase(), `a=b&c=x${text}y`])
      expect(mayHoldKey(query)).toBe(true);
    expect(mayHoldKey('actor=ada&limit=5')).toBe(false);
  });
});
