import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import * as fc from 'fast-check';
import { generateKeyPairSync, sign } from 'node:crypto';
import { isSafePublicKey } from '../../lib/crypto/ed25519-key';
import { decodeHex, encodeHex } from '../../lib/util/hex';
import { TREE_NODE_HASH as nodeHashOnNode } from '../../lib/checkpoints/tree-node-hash';
import { sized } from '../support/sized';
import { TREE_NODE_HASH, sha256, verifyEd25519, WEB_CRYPTO } from '../../viewer/crypto';
import {
  rawPublicKey,
  sha256 as sha256OnNode,
  sha256Bytes as sha256BytesOnNode,
  verifyEd25519 as verifyOnNode,
} from '../../lib/crypto/node';

const { Point } = ed25519;
const SCALAR = Point.Fn;
type Point = InstanceType<typeof Point>;

/** What both say of a signature; that they say the same is part of every test here. */
function verdict(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const [browser, node] = [verifyEd25519, verifyOnNode].map((verify) =>
    verify(message, signature, publicKey),
  ) as [boolean, boolean];
  if (browser === node) return node;
  const of = [publicKey, message, signature].map(encodeHex).join(', message ');
  throw new Error(`the browser says ${browser}, Node.js ${node}, of key ${of}`);
}

/** RFC 8032 §7.1, TEST 1, 2, 3 and SHA(abc). */
const RFC_8032 = [
  {
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
].map(({ publicKey, message, signature }) => ({
  publicKey: decodeHex(publicKey),
  message: decodeHex(message),
  signature: decodeHex(signature),
}));

const [first] = RFC_8032 as [(typeof RFC_8032)[number]];

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  Uint8Array.from(bytes).with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));

describe('Ed25519 in the browser and on Node.js', () => {
  it('accepts the vectors of RFC 8032', () => {
    expect(
      RFC_8032.map(({ message, signature, publicKey }) => verdict(message, signature, publicKey)),
    ).toEqual([true, true, true, true]);
  });

  it('accepts what Node.js signs', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const message = Buffer.from('a message');
    expect(verdict(message, sign(null, message, privateKey), rawPublicKey(publicKey))).toBe(true);
  });

  /** Each bit of a byte in turn, or all bits. */
  const STEP = sized(17, 1);

  it('refuses each of them with any bit of the signature or the key changed', () => {
    for (const { message, signature, publicKey } of RFC_8032.slice(0, 2)) {
      for (let bit = 0; bit < 512; bit += STEP)
        expect(verdict(message, flipped(signature, bit), publicKey)).toBe(false);
      for (let bit = 0; bit < 256; bit += STEP)
        expect(verdict(message, signature, flipped(publicKey, bit))).toBe(false);
    }
  });

  it('refuses the right S plus multiples of the order of the group', () => {
    const [r, s] = [first.signature.subarray(0, 32), first.signature.subarray(32)];
    for (const times of [1n, 2n, 3n, 7n, 14n]) {
      const larger = littleEndian(numberOf(s) + times * SCALAR.ORDER);
      expect(verdict(first.message, joined(r, larger), first.publicKey)).toBe(false);
    }
  });

  it('refuses keys and signatures of other lengths', () => {
    for (const length of [0, 31, 33, 63, 65, 128]) {
      const other = new Uint8Array(length).fill(1);
      expect(verdict(first.message, other, first.publicKey)).toBe(false);
      expect(verdict(first.message, first.signature, other)).toBe(false);
    }
  });
});

const ORDER_8 = Point.fromBytes(
  decodeHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
);
/** The points whose order divides eight. */
const SMALL = Array.from({ length: 8 }, (_, times) => ORDER_8.multiplyUnsafe(BigInt(times)));
const P = 2n ** 255n - 19n;

/** All encodings of the points of small order, those that are not canonical too. */
const SMALL_ENCODINGS = [...new Set(SMALL.map((point) => point.toAffine().y))].flatMap((y) => {
  const ys = y + P < 2n ** 255n ? [y, y + P] : [y];
  return ys.flatMap((each) => [littleEndian(each), littleEndian(each + 2n ** 255n)]);
});

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(bytes.toReversed())}`);
}

function littleEndian(number: bigint): Uint8Array {
  return decodeHex(number.toString(16).padStart(64, '0')).toReversed();
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** S for a signature with this R under the key whose secret scalar is `a`, `r` being that of R. */
function solve(r: bigint, a: bigint, encodedR: Uint8Array, publicKey: Uint8Array, message: Uint8Array) {
  const k = SCALAR.create(numberOf(sha512(joined(encodedR, publicKey, message))));
  return joined(encodedR, littleEndian(SCALAR.create(r + k * a)));
}

/** "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020): where verifiers are known to differ. */
describe('Ed25519 where verifiers are known to differ', () => {
  const [a, r] = [0x1234567890abcdef1234567890abcdefn, 0xfedcba0987654321fedcba0987654321n];
  const messages = Array.from({ length: 8 }, (_, i) => Uint8Array.of(i));

  it('knows all fourteen encodings', () => {
    expect(SMALL_ENCODINGS).toHaveLength(14);
  });

  it.each(SMALL_ENCODINGS.map(encodeHex))('refuses the key of small order %s', (hex) => {
    const publicKey = decodeHex(hex);
    expect(isSafePublicKey(publicKey)).toBe(false);
    for (const message of messages) {
      for (const encodedR of SMALL_ENCODINGS)
        expect(verdict(message, solve(0n, 0n, encodedR, publicKey, message), publicKey)).toBe(false);
      const encodedR = Point.BASE.multiply(r).toBytes();
      expect(verdict(message, solve(r, 0n, encodedR, publicKey, message), publicKey)).toBe(false);
    }
  });

  it('gives one verdict on keys and R with a part of small order: accepted where the equation holds as it is', () => {
    const accepted: boolean[] = [];
    for (const keyPart of SMALL)
      for (const rPart of SMALL)
        for (const message of messages.slice(0, 3)) {
          const publicKey = Point.BASE.multiply(a).add(keyPart).toBytes();
          const encodedR = Point.BASE.multiply(r).add(rPart).toBytes();
          accepted.push(verdict(message, solve(r, a, encodedR, publicKey, message), publicKey));
        }
    expect(accepted).toContain(true);
    expect(accepted).toContain(false);
  });

  it.each(SMALL_ENCODINGS.map(encodeHex))(
    'refuses R of small order %s, also where the equation holds',
    (hex) => {
      // With the neutral point as R it does, as if r were 0: Node.js 22 accepts that, 24 does not.
      for (const keyPart of SMALL)
        for (const message of messages) {
          const publicKey = Point.BASE.multiply(a).add(keyPart).toBytes();
          expect(verdict(message, solve(0n, a, decodeHex(hex), publicKey, message), publicKey)).toBe(false);
        }
    },
  );

  it('refuses every y that is not below the prime, as a key and as R', () => {
    const unreduced = Array.from({ length: 19 }, (_, y) => [
      littleEndian(P + BigInt(y)),
      littleEndian(P + BigInt(y) + 2n ** 255n),
    ]).flat();
    for (const bytes of unreduced) {
      expect(isSafePublicKey(bytes)).toBe(false);
      expect(verdict(first.message, first.signature, bytes)).toBe(false);
      const publicKey = Point.BASE.multiply(a).toBytes();
      expect(verdict(first.message, solve(0n, a, bytes, publicKey, first.message), publicKey)).toBe(false);
    }
  });

  it('gives one verdict on any bytes', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(64), fc.uint8Array(), (publicKey, signature, message) => {
        expect(verdict(message, signature, publicKey)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('isSoundKey', () => {
  it('takes the keys of RFC 8032, and those just below the prime', () => {
    expect(RFC_8032.map(({ publicKey }) => isSafePublicKey(publicKey))).toEqual([true, true, true, true]);
    expect(isSafePublicKey(littleEndian(P - 2n))).toBe(true);
    expect(isSafePublicKey(littleEndian(P - 1n))).toBe(false); // of order 2
  });
});

describe('SHA-256 in the browser and on Node.js', () => {
  it('gives the vectors of FIPS 180-2', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
    expect(sha256('a'.repeat(1_000_000))).toBe(
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    );
  });

  it('is the same for every text, those with lone surrogates too', () => {
    const units = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));
    const surrogates = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(units, surrogates), maxLength: 200 }), (text) => {
        expect(sha256(text)).toBe(sha256OnNode(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for all bytes, about each border of a block', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
      expect(encodeHex(WEB_CRYPTO.sha256Bytes(bytes))).toBe(encodeHex(sha256BytesOnNode(bytes)));
    }
  });

  it('makes the same inner nodes', () => {
    const [left, right] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(encodeHex(TREE_NODE_HASH(left, right))).toBe(encodeHex(nodeHashOnNode(left, right)));
    expect(encodeHex(WEB_CRYPTO.sha256Bytes(left))).toBe(encodeHex(sha256BytesOnNode(left)));
    expect(WEB_CRYPTO.verifyEd25519).toBe(verifyEd25519);
  });
});
