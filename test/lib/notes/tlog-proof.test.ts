import * as fc from 'fast-check';
import { encodeBase64 } from '../../../lib/util/base64';
import { parseCheckpoint } from '../../../lib/notes/checkpoint';
import { nodeHash } from '../../../lib/tree/hash';
import { decodeHex } from '../../../lib/util/hex';
import { parseNote } from '../../../lib/notes/note';
import { verifyInclusion } from '../../../lib/tree/proof';
import { formatTlogProof, parseTlogProof } from '../../../lib/notes/tlog-proof';
import { JUNK, timeOf, UNREADABLE } from '../../support/unreadable';
import chain from '../../vectors/chain.json';
import checkpoints from '../../vectors/checkpoint.json';
import tree from '../../vectors/merkle.json';
import { sha256Bytes } from '../../../lib/crypto/node';

const HEADER = 'c2sp.org/tlog-proof@v1';
const A = encodeBase64(new Uint8Array(32).fill(0xaa));
const B = encodeBase64(new Uint8Array(32).fill(0xbb));
const CHECKPOINT = checkpoints.notes[0]!.note;
const SIMPLE = `${HEADER}\nindex 5\n${A}\n${B}\n\n${CHECKPOINT}`;

/** The head, hashes and all, of the example of C2SP tlog-proof; its extra data has no padding. */
const C2SP_HEAD = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=
`;

describe('a tlog-proof', () => {
  it('is an index, hashes, an empty line and a checkpoint', () => {
    const hashes = [new Uint8Array(32).fill(0xaa), new Uint8Array(32).fill(0xbb)];
    expect(formatTlogProof({ index: 5, hashes, checkpoint: CHECKPOINT })).toBe(SIMPLE);
    expect(parseTlogProof(SIMPLE)).toEqual({ index: 5, hashes, checkpoint: CHECKPOINT });
  });

  it('has no hashes for the one leaf of a tree', () => {
    const proof = { index: 0, hashes: [], checkpoint: CHECKPOINT };
    expect(formatTlogProof(proof)).toBe(`${HEADER}\nindex 0\n\n${CHECKPOINT}`);
    expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
  });

  it.each(['extra AAAA', 'extra ', 'extra AA==', 'extra AA'])('is read past the line %p', (extra) => {
    const { index, hashes, checkpoint } = parseTlogProof(SIMPLE.replace('index 5', `${extra}\nindex 5`));
    expect({ index, hashes: hashes.map(encodeBase64), checkpoint }).toEqual({
      index: 5,
      hashes: [A, B],
      checkpoint: CHECKPOINT,
    });
  });

  it.each([
    'extra not base64',
    'extra index 7',
    'extra A',
    'extra AAA==',
    'extra AB==',
    'extra  AAAA',
    'extra AAAA ',
  ])('is refused with the line %p, whose data is not base64', (extra) => {
    expect(() => parseTlogProof(SIMPLE.replace('index 5', `${extra}\nindex 5`))).toThrow(/is not base64/);
  });

  it('is read as in the example of C2SP', () => {
    const { index, hashes, checkpoint } = parseTlogProof(`${C2SP_HEAD}\n${CHECKPOINT}`);
    expect(index).toBe(73894);
    expect(hashes.map(encodeBase64)).toEqual(C2SP_HEAD.trimEnd().split('\n').slice(3));
    expect(checkpoint).toBe(CHECKPOINT);
  });

  it('carries a proof of the vectors to one who has but the file and the leaf', () => {
    const { proof, index } = tree.inclusion.find((each) => each.size === 20)!;
    const file = formatTlogProof({ index, hashes: proof.map(decodeHex), checkpoint: CHECKPOINT });
    const read = parseTlogProof(file);
    const { size, root } = parseCheckpoint(parseNote(read.checkpoint).text);
    const claim = { index: read.index, size, root, proof: read.hashes };
    const verify = (entry: number) =>
      verifyInclusion({ ...claim, leaf: decodeHex(chain.entries[entry]!.hash) }, nodeHash(sha256Bytes));
    expect(verify(index)).toBe(true);
    expect(verify(index + 1)).toBe(false);
  });

  it('keeps the empty lines of its checkpoint', () => {
    const checkpoint = `text\n\nmore\n\n— key AAAAAAA=\n`;
    expect(parseTlogProof(`${HEADER}\nindex 5\n${A}\n\n${checkpoint}`).checkpoint).toBe(checkpoint);
  });

  it('comes back as it was written', () => {
    const proofs = fc.record({
      index: fc.maxSafeNat(),
      hashes: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
      checkpoint: fc.string(),
    });
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
      }),
    );
  });

  it('may have 63 hashes and no more', () => {
    const withHashes = (count: number) => `${HEADER}\nindex 0\n${`${A}\n`.repeat(count)}\n${CHECKPOINT}`;
    expect(parseTlogProof(withHashes(63)).hashes).toHaveLength(63);
    expect(() => parseTlogProof(withHashes(64))).toThrow(UNREADABLE);
  });

  it.each([
    '5 ',
    ' 5',
    '',
    '05',
    '007',
    '-1',
    '-0',
    '+5',
    '5.0',
    '1e3',
    '0x5',
    '5\r',
    '٥',
    'NaN',
    String(2 ** 53),
    '9007199254740993',
    '10000000000000000',
    '18446744073709551615',
    '9'.repeat(400),
  ])('is refused for the index %p', (index) => {
    expect(() => parseTlogProof(SIMPLE.replace('index 5', `index ${index}`))).toThrow(UNREADABLE);
  });

  it.each([
    ['of nothing', ''],
    ['of an empty line', '\n\n'],
    ['of its checkpoint alone', CHECKPOINT],
    ['without a checkpoint', `${HEADER}\nindex 5\n${A}\n`],
    ['without the empty line', SIMPLE.replace('\n\n', '\n').replace('\n\n', '\n')],
    ['with the empty line too early', SIMPLE.replace('\nindex', '\n\nindex')],
    ['with CRLF', SIMPLE.replaceAll('\n', '\r\n')],
    ['with CRLF after its first line', SIMPLE.replace('\n', '\r\n')],
    ['with CRLF after a hash', SIMPLE.replace(`${A}\n`, `${A}\r\n`)],
    ['with a space after its first line', SIMPLE.replace('\n', ' \n')],
    ['with a byte order mark', `\ufeff${SIMPLE}`],
    ['with an empty line before it', `\n${SIMPLE}`],
    ['of another version', SIMPLE.replace('@v1', '@v2')],
    ['without its first line', SIMPLE.slice(HEADER.length + 1)],
    ['without an index', SIMPLE.replace('index 5\n', '')],
    ['with two indices', SIMPLE.replace('index 5\n', 'index 5\nindex 5\n')],
    ['with a tab before the index', SIMPLE.replace('index 5', 'index\t5')],
    ['with Index for index', SIMPLE.replace('index', 'Index')],
    ['with extra data twice', SIMPLE.replace('index', 'extra AAAA\nextra AAAA\nindex')],
    ['with extra data after the index', SIMPLE.replace('index 5', 'index 5\nextra AAAA')],
    ['with extra data without the space', SIMPLE.replace('index', 'extra\nindex')],
    ['with extra data and nothing else', `${HEADER}\nextra AAAA\n\n${CHECKPOINT}`],
    ['with another line before the index', SIMPLE.replace('index', 'other AAAA\nindex')],
    ['with a hash without padding', SIMPLE.replace(A, A.slice(0, -1))],
    ['with bits after the last byte of a hash', SIMPLE.replace(A, `${A.slice(0, -2)}r=`)],
    ['with a hash of 31 bytes', SIMPLE.replace(A, encodeBase64(new Uint8Array(31)))],
    ['with a hash of 33 bytes', SIMPLE.replace(A, encodeBase64(new Uint8Array(33)))],
    ['with a space after a hash', SIMPLE.replace(A, `${A} `)],
    ['with a hash in hex', SIMPLE.replace(A, 'aa'.repeat(32))],
    ['with U+0000 in a hash', SIMPLE.replace(A, `${A.slice(0, 5)}\0${A.slice(6)}`)],
    ['with a lone surrogate in a hash', SIMPLE.replace(A, `\ud800${A.slice(1)}`)],
  ])('is refused when it is one %s', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(UNREADABLE);
  });

  it('is refused at once when it is a megabyte of junk', () => {
    const heads = [`${HEADER}\n`, `${HEADER}\nextra AAAA\nindex `, `${HEADER}\nindex 5\n`];
    for (const head of heads)
      for (const text of JUNK.map((junk) => `${head}x${junk.replaceAll('\n\n', '\n')}\n\n`)) {
        expect(timeOf(() => parseTlogProof(text))).toBeLessThan(60_000);
        expect(() => parseTlogProof(text)).toThrow(UNREADABLE);
      }
    for (const junk of JUNK) expect(() => parseTlogProof(junk)).toThrow(UNREADABLE);
  });
});
