import * as fc from 'fast-check';
import { encodeBase64 } from '../../../lib/util/base64';
import { formatCheckpoint, checkpointOrigin, parseCheckpoint } from '../../../lib/notes/checkpoint';
import { encodeHex } from '../../../lib/util/hex';
import { parseNote } from '../../../lib/notes/note';
import { codePoint } from '../../support/code-points';
import { JUNK, timeOf, CHECKPOINT_UNREADABLE } from '../../support/unreadable';
import vectors from '../../vectors/checkpoint.json';
import tree from '../../vectors/merkle.json';

/** The example of C2SP tlog-checkpoint. */
const C2SP_TEXT = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const C2SP_LINE =
  '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

describe('originOf', () => {
  it.each(vectors.notes)('gives that of the vectors for $tenantId', ({ tenantId, origin }) => {
    expect(checkpointOrigin(vectors.ledger, tenantId)).toBe(origin);
  });

  it('holds no white space, plus sign or second slash, whatever the tenant', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (tenantId) => {
        expect(checkpointOrigin('ledger', tenantId)).toMatch(/^ledger\/[\w\-.!~*'()%]*$/);
      }),
    );
  });

  it('is another for every tenant', () => {
    const ids = ['a/b', 'a%2Fb', 'a b', 'a+b', 'a%20b', 'A/B'];
    expect(new Set(ids.map((id) => checkpointOrigin('ledger', id))).size).toBe(ids.length);
  });
});

describe('a checkpoint', () => {
  it.each(vectors.notes)(
    'is read and written as in the vectors: $origin, $size',
    ({ note, origin, size, tenantId }) => {
      const { text } = parseNote(note);
      const head = parseCheckpoint(text);
      expect({ ...head, root: null }).toEqual({ origin, size, root: null });
      if (tenantId === 'org_acme')
        expect(encodeHex(head.root)).toBe(tree.roots.find((each) => each.size === size)?.root);
      expect(formatCheckpoint(head)).toBe(text);
    },
  );

  it('is read as in the example of C2SP', () => {
    const { text, signatures } = parseNote(`${C2SP_TEXT}\n${C2SP_LINE}`);
    expect(text).toBe(C2SP_TEXT);
    expect(signatures).toMatchObject([{ name: 'example.com/behind-the-sofa', id: '033de0ae' }]);
    const head = parseCheckpoint(text);
    expect(head).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(encodeBase64(head.root)).toBe(ROOT);
    expect(formatCheckpoint(head)).toBe(C2SP_TEXT);
  });

  it('comes back as it was written', () => {
    const heads = fc.record({
      origin: fc.string({ unit: fc.constantFrom(...Array.from('abz09./%é ')), minLength: 1 }),
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    fc.assert(
      fc.property(heads, (head) => {
        expect(parseCheckpoint(formatCheckpoint(head))).toEqual(head);
      }),
    );
  });

  it.each([0, 1, 10, 2 ** 32, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER])('may be of %d leaves', (size) => {
    expect(parseCheckpoint(`origin\n${size}\n${ROOT}\n`).size).toBe(size);
  });

  it.each([
    '',
    '007',
    '00',
    '-0',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '0b1',
    '1_000',
    '1n',
    ' 1',
    '1 ',
    '1\r',
    '١',
    '１',
    'NaN',
    'Infinity',
    String(2 ** 53),
    '9007199254740993',
    '10000000000000000',
    '18446744073709551615',
    '9'.repeat(400),
  ])('is refused for the size %p', (size) => {
    expect(() => parseCheckpoint(`origin\n${size}\n${ROOT}\n`)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it.each([
    ['empty', ''],
    ['of 31 bytes', encodeBase64(new Uint8Array(31))],
    ['of 33 bytes', encodeBase64(new Uint8Array(33))],
    ['without padding', ROOT.slice(0, -1)],
    ['with bits after its last byte', `${ROOT.slice(0, -2)}J=`],
    ['with a space after it', `${ROOT} `],
    ['with a space before it', ` ${ROOT}`],
    ['with CR after it', `${ROOT}\r`],
    ['in the URL alphabet', ROOT.replace('/', '_')],
    ['in hex', '0'.repeat(64)],
  ])('is refused for a root %s', (_, root) => {
    expect(() => parseCheckpoint(`origin\n1\n${root}\n`)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it.each([
    ['is empty', ''],
    ['ends with CR', 'origin\r'],
    ['has a tab', 'ori\tgin'],
    ['has U+0000', 'origin\0'],
    ['has U+001F', 'origin\u001f'],
    ['has a lone surrogate', 'origin\ud800'],
    ['was no UTF-8', 'origin\ufffd'],
  ])('is refused when its origin %s', (_, origin) => {
    expect(() => parseCheckpoint(`${origin}\n1\n${ROOT}\n`)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it.each([
    ['of nothing', ''],
    ['of a line', 'origin\n'],
    ['of empty lines', '\n\n\n'],
    ['without its last line break', C2SP_TEXT.trimEnd()],
    ['with an empty line after it', `${C2SP_TEXT}\n`],
    ['with an empty line before it', `\n${C2SP_TEXT}`],
    ['with an extension line', `${C2SP_TEXT}extension\n`],
    ['with an extension line without its line break', `${C2SP_TEXT}extension`],
    ['with CRLF', C2SP_TEXT.replaceAll('\n', '\r\n')],
    ['with its signatures', `${C2SP_TEXT}\n${C2SP_LINE}`],
    ['without an origin', C2SP_TEXT.slice(C2SP_TEXT.indexOf('\n') + 1)],
    ['that is another object', '{"origin":"a","size":1}'],
  ])('is refused when it is one %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it('is refused at once when it is a megabyte of junk', () => {
    for (const junk of JUNK.flatMap((each) => [
      each,
      `origin\n${each}`,
      `origin\n1\n${each}\n`,
      `${C2SP_TEXT}${each}`,
    ])) {
      expect(timeOf(() => parseCheckpoint(junk))).toBeLessThan(60_000);
      expect(() => parseCheckpoint(junk)).toThrow(CHECKPOINT_UNREADABLE);
    }
    expect(() => parseCheckpoint(`origin\n${'1'.repeat(2 ** 20)}\n${ROOT}\n`)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it('says what it read, cut short, on one line', () => {
    expect(() => parseCheckpoint('a\nb')).toThrow(
      '"a\\nb" is not a checkpoint: it should be an origin, a size and a root hash on a line each.',
    );
  });
});
