import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sha256, sha256Bytes } from '../../../lib/crypto/sha256';

describe('SHA-256 where there is no node:crypto', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('is that of the published vectors', (text, digest) => {
    expect(sha256(text)).toBe(digest);
  });

  it('is that of Node.js, of any bytes and lengths around a block', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (bytes) => {
        expect(Buffer.from(sha256Bytes(bytes)).equals(createHash('sha256').update(bytes).digest())).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });
});
