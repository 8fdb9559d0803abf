import * as fc from 'fast-check';
import { firstCodePoints, isLongerThan, limitSize } from '../../../lib/event/size-limit';
import { sha256 } from '../../../lib/crypto/node';

const texts = fc.string({ unit: fc.constantFrom('x', 'é', '\u{1F600}'), maxLength: 12 });

describe('firstCodePoints and isLongerThan', () => {
  it('count as iteration does', () => {
    fc.assert(
      fc.property(texts, fc.nat(12), (text, count) => {
        const points = Array.from(text);
        expect(firstCodePoints(text, count)).toBe(points.slice(0, count).join(''));
        expect(isLongerThan(text, count)).toBe(points.length > count);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('limit', () => {
  it('keeps what fits to the byte, and marks what does not', () => {
    expect(limitSize('éé', 6, sha256)).toEqual({ json: 'éé', bytes: 6 });
    expect(limitSize('éé', 5, sha256)).toEqual({
      json: { truncated: true, bytes: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), preview: '"éé"' },
      bytes: 6,
    });
  });

  it('gives two values one mark only if they are the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const marks = [limitSize(one as never, 0, sha256), limitSize(other as never, 0, sha256)].map(
          ({ json }) => JSON.stringify(json),
        );
        const same =
          JSON.stringify(limitSize(one as never, 1e6, sha256)) ===
          JSON.stringify(limitSize(other as never, 1e6, sha256));
        if (same) expect(marks[0]).toBe(marks[1]);
        if (marks[0] !== marks[1]) expect(same).toBe(false);
      }),
    );
  });
});
