import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { decodeHex, encodeHex } from '../../../lib/util/hex';
import vectors from '../../vectors/checkpoint.json';
import { rawPublicKey, verifyEd25519 } from '../../../lib/crypto/node';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 seed in its DER form. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

const keyOf = (seed: string) =>
  createPrivateKey({ key: Buffer.from(PKCS8_PREFIX + seed, 'hex'), format: 'der', type: 'pkcs8' });

/** RFC 8032 §7.1. */
const RFC_8032 = [
  {
    test: 1,
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    test: 2,
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
];

describe('rawPublicKey', () => {
  it.each(RFC_8032)('gives that of test $test of RFC 8032', ({ seed, publicKey }) => {
    expect(encodeHex(rawPublicKey(createPublicKey(keyOf(seed))))).toBe(publicKey);
  });

  it('gives that of the vectors', () => {
    expect(encodeHex(rawPublicKey(createPublicKey(keyOf(vectors.seed))))).toBe(vectors.publicKey);
  });
});

describe('verifyEd25519', () => {
  it.each(RFC_8032)('accepts test $test of RFC 8032', ({ publicKey, message, signature }) => {
    expect(verifyEd25519(decodeHex(message), decodeHex(signature), decodeHex(publicKey))).toBe(true);
  });

  it('accepts what Node.js signs', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const message = Buffer.from('a message');
    expect(verifyEd25519(message, sign(null, message, privateKey), rawPublicKey(publicKey))).toBe(true);
  });

  const [{ publicKey, message, signature }] = RFC_8032.slice(1).map((each) => ({
    publicKey: decodeHex(each.publicKey),
    message: decodeHex(each.message),
    signature: decodeHex(each.signature),
  })) as [Record<'publicKey' | 'message' | 'signature', Uint8Array>];

  it('refuses another message, another key, and a signature with any byte changed', () => {
    expect(verifyEd25519(Uint8Array.of(0x73), signature, publicKey)).toBe(false);
    expect(verifyEd25519(message, signature, decodeHex(RFC_8032[0]!.publicKey))).toBe(false);
    const changed = Array.from(signature, (byte, i) => Uint8Array.from(signature).with(i, byte ^ 1));
    expect(changed.filter((each) => verifyEd25519(message, each, publicKey))).toEqual([]);
  });

  describe('when the key is not 32 bytes', () => {
    it.each([0, 1, 31, 33, 57, 64, 1000])('refuses one of %d, and does not throw', (length) => {
      const key = Buffer.concat([publicKey, Buffer.alloc(1000)]).subarray(0, length);
      expect(verifyEd25519(message, signature, key)).toBe(false);
    });
  });

  describe('when the key is no point of the curve', () => {
    it('refuses, and does not throw', () => {
      expect(verifyEd25519(message, signature, new Uint8Array(32).fill(0xff))).toBe(false);
    });
  });

  describe('when anybody could have signed', () => {
    // R of order 1, S = 0: under a key of order 1 that fits every message, for OpenSSL too.
    const forged = decodeHex(`01${'00'.repeat(63)}`);
    it.each([`01${'00'.repeat(31)}`, `ee${'ff'.repeat(30)}7f`, `01${'00'.repeat(30)}80`])(
      'refuses the key of small order %s',
      (key) => {
        expect(verifyEd25519(message, forged, decodeHex(key))).toBe(false);
      },
    );
  });

  describe('when the signature is not 64 bytes', () => {
    it.each([0, 63, 65, 1000])('refuses one of %d, and does not throw', (length) => {
      const other = Buffer.concat([signature, Buffer.alloc(1000)]).subarray(0, length);
      expect(verifyEd25519(message, other, publicKey)).toBe(false);
    });
  });
});
