import { encodeHex } from '../util/hex';
import type { Sha256, Sha256Bytes } from './ports';

/** FIPS 180-4 §6.2, for where there is no `node:crypto`: WebCrypto's is asynchronous. Of short texts it is fast enough. */

const BLOCK = 64;
/** What stands behind the message at least: one bit, and its length in 64 bits. */
const PADDING = 9;

/** §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K = new Uint32Array(64);
/** §5.3.3: the same of the square roots of the first 8. */
const INITIAL = new Uint32Array(8);

fillConstants();

const utf8 = new TextEncoder();

/** SHA-256 anywhere. */
export const sha256: Sha256 = (text) => encodeHex(sha256Bytes(utf8.encode(text)));

/** The same of bytes. */
export const sha256Bytes: Sha256Bytes = (bytes) => {
  const padded = pad(bytes);
  const hash = INITIAL.slice();
  const words = new Uint32Array(64);
  for (let at = 0; at < padded.byteLength; at += BLOCK) compress(hash, words, padded, at);
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
};

/** §5.1.1. */
function pad(bytes: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((bytes.length + PADDING) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return view;
}

type Eight = [number, number, number, number, number, number, number, number];

/** §6.2.2. */
function compress(hash: Uint32Array, w: Uint32Array, block: DataView, start: number): void {
  for (let t = 0; t < 16; t++) w[t] = block.getUint32(start + 4 * t);
  for (let t = 16; t < 64; t++) {
    const [before15, before2] = [at(w, t - 15), at(w, t - 2)];
    const sigma0 = rotate(before15, 7) ^ rotate(before15, 18) ^ (before15 >>> 3);
    const sigma1 = rotate(before2, 17) ^ rotate(before2, 19) ^ (before2 >>> 10);
    w[t] = sigma1 + at(w, t - 7) + sigma0 + at(w, t - 16);
  }
  let [a, b, c, d, e, f, g, h] = [...hash] as Eight;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = h + sum1 + ((e & f) ^ (~e & g)) + at(K, t) + at(w, t);
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (hash[i] = at(hash, i) + word));
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function at(words: Uint32Array, i: number): number {
  return words[i] as number;
}

function fillConstants(): void {
  let count = 0;
  for (let n = 2; count < K.length; n++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= n && isPrime; divisor++) isPrime = n % divisor !== 0;
    if (!isPrime) continue;
    if (count < INITIAL.length) INITIAL[count] = fraction(Math.sqrt(n));
    K[count++] = fraction(Math.cbrt(n));
  }
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}
