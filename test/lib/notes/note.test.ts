import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { encodeBase64 } from '../../../lib/util/base64';
import { decodeHex, encodeHex } from '../../../lib/util/hex';
import {
  formatNote,
  formatVerifierKey,
  isNoteText,
  isSignedBy,
  type NoteSignature,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from '../../../lib/notes/note';
import { CHECKPOINT_UNREADABLE, JUNK, timeOf, UNREADABLE } from '../../support/unreadable';
import vectors from '../../vectors/checkpoint.json';
import { rawPublicKey, sha256Bytes, verifyEd25519 } from '../../../lib/crypto/node';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 seed in its DER form. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

const privateKey = createPrivateKey({
  key: Buffer.from(PKCS8_PREFIX + vectors.seed, 'hex'),
  format: 'der',
  type: 'pkcs8',
});
const publicKey = rawPublicKey(createPublicKey(privateKey));

const keyNamed = (name: string) => verifierKey(name, publicKey, sha256Bytes);
const signed = (text: string, { name, id }: VerifierKey, by: KeyObject = privateKey): NoteSignature => ({
  name,
  id,
  signature: sign(null, Buffer.from(text), by),
});
const isSigned = (text: string, signature: NoteSignature, key: VerifierKey) =>
  isSignedBy(text, signature, key, verifyEd25519);
const readKey = (text: string) => parseVerifierKey(text, sha256Bytes);

/** The example of Go's sumdb/note. */
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const GO_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

/** The poem of C2SP signed-note: its text holds an empty line. */
const POEM_TEXT =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n';
const POEM_LINE =
  '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';

const LINE = '— key AAAAAAA=\n';

const NAMES_REFUSED: [string, string][] = [
  ['is empty', ''],
  ['has a space', 'a b'],
  ['has a tab', 'a\tb'],
  ['has a carriage return', 'a\r'],
  ['has U+0085', 'a\u0085b'],
  ['has a no-break space', 'a\u00a0b'],
  ['has an ideographic space', 'a\u3000b'],
  ['has a line separator', 'a\u2028b'],
  ['has a lone surrogate', 'a\ud800b'],
  ['has a replacement character', 'a\ufffdb'],
  ['has U+0000', 'a\0b'],
  ['has a control character', 'a\u001fb'],
];

describe('a verifier key', () => {
  it.each(vectors.notes)('is that of the vectors for $origin', ({ origin, vkey }) => {
    expect(formatVerifierKey(keyNamed(origin))).toBe(vkey);
    expect(readKey(vkey)).toEqual({ ...keyNamed(origin), publicKey: Uint8Array.from(publicKey) });
  });

  it('is read and written as Go does', () => {
    const key = readKey(GO_KEY);
    expect(key).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3' });
    expect(formatVerifierKey(key)).toBe(GO_KEY);
  });

  it('may have plus signs in its base64', () => {
    const key = verifierKey('name', new Uint8Array(32).fill(0xfb), sha256Bytes);
    expect(formatVerifierKey(key).split('+').length).toBeGreaterThan(3);
    expect(readKey(formatVerifierKey(key))).toEqual(key);
  });

  it('has another ID under another name', () => {
    expect(keyNamed('a').id).not.toBe(keyNamed('b').id);
  });

  it.each(NAMES_REFUSED)('is refused when its name %s', (_, name) => {
    expect(() => readKey(formatVerifierKey(keyNamed(name)))).toThrow(UNREADABLE);
  });

  it('is refused when its name has a plus sign', () => {
    expect(() => readKey(formatVerifierKey(keyNamed('a+b')))).toThrow(UNREADABLE);
  });

  it.each(['a\u007fb', 'a\ufeffb', 'audit.example.com/org%20acme', 'é', '\u{1f600}', '—'])(
    'may have the name %p',
    (name) => {
      expect(readKey(formatVerifierKey(keyNamed(name))).name).toBe(name);
    },
  );

  const typed = (type: number, bytes: Uint8Array) => {
    const body = Buffer.concat([Uint8Array.of(type), bytes]);
    const id = sha256Bytes(Buffer.concat([Buffer.from('name\n'), body])).subarray(0, 4);
    return `name+${encodeHex(id)}+${encodeBase64(body)}`;
  };

  it('is read when put together by hand', () => {
    expect(readKey(typed(1, publicKey))).toMatchObject({ name: 'name' });
  });

  it.each([
    ['of the type ECDSA', typed(2, publicKey)],
    ['of the type of cosignatures', typed(4, publicKey)],
    ['of the type 0', typed(0, publicKey)],
    ['of 31 bytes', typed(1, publicKey.slice(1))],
    ['of 33 bytes', typed(1, Buffer.concat([publicKey, Buffer.alloc(1)]))],
    ['of no bytes', typed(1, new Uint8Array())],
    ['with another ID', GO_KEY.replace('c74f20a3', 'c74f20a4')],
    ['with an upper-case ID', GO_KEY.replace('c74f20a3', 'C74F20A3')],
    ['with a short ID', GO_KEY.replace('c74f20a3', 'c74f20')],
    ['with no ID', GO_KEY.replace('c74f20a3', '')],
    ['with another name', GO_KEY.replace('Peter', 'Pete')],
    ['with a space before', ` ${GO_KEY}`],
    ['with a space after', `${GO_KEY} `],
    ['with a line break after', `${GO_KEY}\n`],
    ['with CRLF after', `${GO_KEY}\r\n`],
    ['with padding it should not have', `${GO_KEY}=`],
    ['in the URL alphabet', GO_KEY.replace('/', '_')],
    ['without its base64', 'PeterNeumann+c74f20a3'],
    ['of nothing but plus signs', '++'],
    ['of its name alone', 'PeterNeumann'],
    ['of nothing', ''],
    ['that is one of signers', `PRIVATE+KEY+${GO_KEY}`],
  ])('is refused when it is one %s', (_, text) => {
    expect(() => readKey(text)).toThrow(UNREADABLE);
  });

  it('is refused at once when it is a megabyte of junk', () => {
    for (const junk of JUNK.flatMap((each) => [each, `name+${each}`, `name+c74f20a3+${each}`])) {
      expect(timeOf(() => readKey(junk))).toBeLessThan(60_000);
      expect(() => readKey(junk)).toThrow(UNREADABLE);
    }
  });
});

describe('a note', () => {
  it.each(vectors.notes)(
    'is read, verified and written as in the vectors: $origin, $size',
    ({ note, vkey }) => {
      const { text, signatures } = parseNote(note);
      expect(signatures).toHaveLength(1);
      expect(isSigned(text, signatures[0]!, readKey(vkey))).toBe(true);
      expect(formatNote({ text, signatures })).toBe(note);
    },
  );

  it.each(vectors.notes)('is signed as in the vectors: $origin, $size', ({ note, origin }) => {
    const { text } = parseNote(note);
    expect(formatNote({ text, signatures: [signed(text, keyNamed(origin))] })).toBe(note);
  });

  it('is read and verified as Go does', () => {
    const { text, signatures } = parseNote(`${GO_TEXT}\n${GO_LINE}`);
    expect(text).toBe(GO_TEXT);
    expect(signatures).toMatchObject([{ name: 'PeterNeumann', id: 'c74f20a3' }]);
    expect(isSigned(text, signatures[0]!, readKey(GO_KEY))).toBe(true);
    expect(isSigned(text.replace('cryptography', 'a ledger'), signatures[0]!, readKey(GO_KEY))).toBe(false);
    expect(formatNote({ text, signatures })).toBe(`${GO_TEXT}\n${GO_LINE}`);
  });

  it('ends at the last empty line, as that of C2SP does', () => {
    const { text, signatures } = parseNote(`${POEM_TEXT}\n${POEM_LINE}`);
    expect(text).toBe(POEM_TEXT);
    expect(signatures).toMatchObject([{ name: 'quasimodo.example/salvatore', id: '367ba04b' }]);
  });

  it.each([
    ['an empty line at its end', 'text\n\n'],
    ['a signature inside', `text\n\n${LINE}`],
    ['nothing but a line break', '\n'],
    ['U+007F, which is not below U+0020', 'a\u007f\n'],
    ['C1 control characters', 'a\u0080\u0085\u009f\n'],
    ['a byte order mark', '\ufefftext\n'],
    ['letters of all kinds', 'é\u{1f600}\u2028\n'],
  ])('may have a text with %s', (_, text) => {
    const key = keyNamed('key');
    const { text: read, signatures } = parseNote(formatNote({ text, signatures: [signed(text, key)] }));
    expect(read).toBe(text);
    expect(isSigned(read, signatures[0]!, key)).toBe(true);
  });

  it('comes back as it was written', () => {
    const lines = fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n') && isNoteText(line));
    const texts = fc.array(lines, { minLength: 1 }).map((each) => `${each.join('\n')}\n`);
    const names = fc.string({ unit: fc.constantFrom(...Array.from('abz09./%—é')), minLength: 1 });
    const someone = fc.record({
      name: names,
      id: fc.uint8Array({ minLength: 4, maxLength: 4 }).map(encodeHex),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(texts, fc.array(someone, { minLength: 1, maxLength: 5 }), (text, signatures) => {
        expect(parseNote(formatNote({ text, signatures }))).toEqual({ text, signatures });
      }),
    );
  });

  describe('when it has many signatures', () => {
    it('reads 100', () => {
      expect(parseNote(`text\n\n${LINE.repeat(100)}`).signatures).toHaveLength(100);
    });

    it('refuses 101', () => {
      expect(() => parseNote(`text\n\n${LINE.repeat(101)}`)).toThrow(CHECKPOINT_UNREADABLE);
    });
  });

  it.each([
    ['of nothing', ''],
    ['of a line break', '\n'],
    ['of an empty line', '\n\n'],
    ['without signatures', 'text\n'],
    ['with an empty line for signatures', 'text\n\n'],
    ['without the empty line', `text\n${LINE}`],
    ['without a text', `\n${LINE}`],
    ['of signatures alone', LINE],
    ['without the last line break', `text\n\n${LINE.trimEnd()}`],
    ['with a line break too many', `text\n\n${LINE}\n`],
    ['with CRLF', `text\n\n${LINE}`.replaceAll('\n', '\r\n')],
    ['with CR', `text\n\n${LINE}`.replaceAll('\n', '\r')],
    ['with CRLF in its text', `text\r\n\n${LINE}`],
    ['with CRLF at its end', `text\n\n${LINE.trimEnd()}\r\n`],
    ['with a tab', `a\ttext\n\n${LINE}`],
    ['with U+0000', `text\0\n\n${LINE}`],
    ['with U+001F', `text\u001f\n\n${LINE}`],
    ['with a lone high surrogate', `text\ud800\n\n${LINE}`],
    ['with a lone low surrogate', `text\udc00\n\n${LINE}`],
    ['with bytes that were no UTF-8', `${Buffer.from('text\xff', 'latin1').toString()}\n\n${LINE}`],
    ['with a space after a signature', `text\n\n${LINE.trimEnd()} \n`],
    ['with a space before a signature', `text\n\n ${LINE}`],
    ['with two spaces', `text\n\n${LINE.replace('key ', 'key  ')}`],
    ['with a hyphen for the dash', `text\n\n${LINE.replace('—', '-')}`],
    ['with an en dash for the dash', `text\n\n${LINE.replace('—', '–')}`],
    ['with a no-break space for the space', `text\n\n${LINE.replace(' key', '\u00a0key')}`],
    ['without the dash', 'text\n\nkey AAAAAAA=\n'],
    ['without a name', 'text\n\n— AAAAAAA=\n'],
    ['with an empty name', 'text\n\n—  AAAAAAA=\n'],
    ['with a plus sign in a name', `text\n\n${LINE.replace('key', 'k+y')}`],
    ['with U+0085 in a name', `text\n\n${LINE.replace('key', 'k\u0085y')}`],
    ['with a no-break space in a name', `text\n\n${LINE.replace('key', 'k\u00a0y')}`],
    ['without base64', 'text\n\n— key\n'],
    ['with empty base64', 'text\n\n— key \n'],
    ['with base64 without padding', 'text\n\n— key AAAAAAA\n'],
    ['with bits after the last byte of base64', 'text\n\n— key AAAAAAB=\n'],
    ['with a fourth word', 'text\n\n— key AAAAAAA= more\n'],
    ['with an ID and no signature', 'text\n\n— key AAAAAA==\n'],
    ['with half an ID', 'text\n\n— key AAA=\n'],
    ['with a line that is no signature among those that are', `text\n\n${LINE}other\n${LINE}`],
  ])('is refused when it is one %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(CHECKPOINT_UNREADABLE);
  });

  it('is refused at once when it is a megabyte of junk', () => {
    for (const junk of JUNK.flatMap((each) => [each, `text\n\n— ${each}\n`, `text\n\n— key ${each}=\n`])) {
      expect(timeOf(() => parseNote(junk))).toBeLessThan(60_000);
      expect(() => parseNote(junk)).toThrow(CHECKPOINT_UNREADABLE);
    }
  });

  it('may have a signature of a megabyte: there are types of many sizes', () => {
    const bytes = Buffer.alloc(2 ** 20, 0xa5);
    const { signatures } = parseNote(`text\n\n— key ${bytes.toString('base64')}\n`);
    expect(signatures[0]!.signature).toHaveLength(2 ** 20 - 4);
    expect(isSigned('text\n', signatures[0]!, { ...keyNamed('key'), id: 'a5a5a5a5' })).toBe(false);
  });

  it('gives a note or our error for any text', () => {
    const pieces = fc.constantFrom(
      'text',
      '\n',
      '\n\n',
      LINE,
      '— ',
      'key',
      ' ',
      '+',
      '=',
      'AAAAAAA=',
      '\r',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const note = parts.join('');
        let read;
        try {
          read = parseNote(note);
        } catch (error) {
          expect(error).toEqual(CHECKPOINT_UNREADABLE);
          return;
        }
        expect(formatNote(read)).toBe(note);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isSignedBy', () => {
  const key = keyNamed('key');
  const text = 'text\n';
  const signature = signed(text, key);

  it('accepts a signature of the key', () => {
    expect(isSigned(text, signature, key)).toBe(true);
  });

  it.each<[string, string, NoteSignature, VerifierKey]>([
    ['another text', 'Text\n', signature, key],
    ['a text without its line break', 'text', signature, key],
    ['another name', text, { ...signature, name: 'yek' }, key],
    ['the ID of another key', text, { ...signature, id: '00000000' }, key],
    ['a key of another name', text, signature, keyNamed('yek')],
    [
      'a key of the same name and ID that is another',
      text,
      signature,
      { ...key, publicKey: decodeHex('07'.repeat(32)) },
    ],
    ['63 bytes', text, { ...signature, signature: signature.signature.slice(1) }, key],
    [
      '65 bytes',
      text,
      { ...signature, signature: Buffer.concat([signature.signature, Buffer.alloc(1)]) },
      key,
    ],
    ['no bytes', text, { ...signature, signature: new Uint8Array() }, key],
    ['zeros', text, { ...signature, signature: new Uint8Array(64) }, key],
    ['a key of 31 bytes', text, signature, { ...key, publicKey: key.publicKey.slice(1) }],
  ])('refuses %s', (_, otherText, otherSignature, otherKey) => {
    expect(isSigned(otherText, otherSignature, otherKey)).toBe(false);
  });

  it('tells the keys of several signatures apart', () => {
    const other = keyNamed('other');
    const { signatures } = parseNote(
      formatNote({ text, signatures: [signed(text, other), signature, signed('forged\n', key)] }),
    );
    expect(signatures.map((each) => isSigned(text, each, key))).toEqual([false, true, false]);
    expect(signatures.map((each) => isSigned(text, each, other))).toEqual([true, false, false]);
  });
});

describe('isNoteText', () => {
  it.each(['', 'text', 'a\nb\n', '\u007f', '\u0080', '\u{1f600}', '\ufeff'])('accepts %p', (text) => {
    expect(isNoteText(text)).toBe(true);
  });

  it.each(['\0', '\t', '\u000b', '\r', '\u001f', '\ud800', '\udc00\ud800', '\ufffd'])(
    'refuses %p',
    (text) => {
      expect(isNoteText(`a${text}b`)).toBe(false);
    },
  );
});
