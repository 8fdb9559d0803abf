import {
  isSignedByAny,
  parseCheckpointNote,
  parseCheckpointNoteOf,
  parseValidKeys,
  tryParseCheckpointNoteOf,
} from '../../../lib/notes/checkpoint-note';
import { LEDGER, newKey, noteBy, vkeyOf } from '../../support/signing';
import { JUNK, CHECKPOINT_UNREADABLE } from '../../support/unreadable';
import { NODE_CRYPTO } from '../../../lib/crypto/node';

const key = newKey();
const ROOT = new Uint8Array(32).fill(7);
const ORIGIN = `${LEDGER}/t`;
const signed = noteBy(key, 't', 9, ROOT);
const keys = (...texts: string[]) => parseValidKeys(texts, NODE_CRYPTO);

describe('a stored checkpoint', () => {
  it.each([
    ['signed', signed, 1],
    ['unsigned', noteBy(null, 't', 9, ROOT), 0],
  ])('is read %s', (_, note, signatures) => {
    const opened = parseCheckpointNoteOf(ORIGIN, note);
    expect(opened).toMatchObject({ origin: ORIGIN, size: 9, root: ROOT });
    expect(opened.note.signatures).toHaveLength(signatures);
    expect(tryParseCheckpointNoteOf(ORIGIN, note)).toEqual(opened);
  });

  it.each([
    ['of another tenant', noteBy(key, 'u', 9, ROOT)],
    ['of another ledger', signed.replace(LEDGER, 'other.example.com')],
    ['of nothing', ''],
    ['without its last line break', signed.trimEnd()],
    ['with a fourth line', noteBy(null, 't', 9, ROOT) + 'more\n'],
    ['of a size with a sign', noteBy(null, 't', -9, ROOT)],
    ['of a size that is unsafe', noteBy(null, 't', 2 ** 53, ROOT)],
    ['of a short root', noteBy(null, 't', 9, ROOT.slice(1))],
    ...JUNK.map((junk): [string, string] => ['of junk', junk]),
  ])('is refused when it is one %s', (_, note) => {
    expect(tryParseCheckpointNoteOf(ORIGIN, note)).toBeNull();
    expect(() => parseCheckpointNoteOf(ORIGIN, note)).toThrow(CHECKPOINT_UNREADABLE);
  });
});

describe('isSignedByOneOf', () => {
  const opened = parseCheckpointNote(signed);

  it('knows the key among others', () => {
    const given = keys(vkeyOf(newKey(), 't'), vkeyOf(key, 't'));
    expect(isSignedByAny(given, opened, NODE_CRYPTO)).toBe(true);
  });

  it.each([
    ['no key', []],
    ['a stranger’s key', [vkeyOf(newKey(), 't')]],
    ['the same key under another name', [vkeyOf(key, 'u')]],
  ])('is false for %s', (_, texts) => {
    expect(isSignedByAny(keys(...texts), opened, NODE_CRYPTO)).toBe(false);
  });

  it('is false for another text, and for none that signed', () => {
    const given = keys(vkeyOf(key, 't'));
    const forged = parseCheckpointNote(signed.replace('\n9\n', '\n8\n'));
    expect(isSignedByAny(given, forged, NODE_CRYPTO)).toBe(false);
    expect(isSignedByAny(given, parseCheckpointNote(noteBy(null, 't', 9, ROOT)), NODE_CRYPTO)).toBe(false);
  });
});

describe('a note with a wrong signature', () => {
  const other = newKey();
  const right = signed.split('\n').at(-2) ?? '';
  const wrong = noteBy(key, 't', 8, ROOT).split('\n').at(-2) ?? '';
  const others = noteBy(other, 't', 9, ROOT).split('\n').at(-2) ?? '';
  const wrongOfOther = noteBy(other, 't', 8, ROOT).split('\n').at(-2) ?? '';
  const text = signed.slice(0, signed.indexOf('\n\n') + 2);
  const noteWith = (...lines: string[]) => parseCheckpointNote(`${text}${lines.join('\n')}\n`);

  it.each<[string, string[], string[]]>([
    ['behind a right one by the same key', [right, wrong], [vkeyOf(key, 't')]],
    ['before a right one by the same key', [wrong, right], [vkeyOf(key, 't')]],
    ['by another known key', [right, wrongOfOther], [vkeyOf(key, 't'), vkeyOf(other, 't')]],
    ['by a known key, first', [wrongOfOther, right], [vkeyOf(key, 't'), vkeyOf(other, 't')]],
  ])('is signed by nobody: %s', (_, lines, texts) => {
    expect(isSignedByAny(keys(...texts), noteWith(...lines), NODE_CRYPTO)).toBe(false);
  });

  it('is signed all the same where nobody can know that it is wrong', () => {
    expect(isSignedByAny(keys(vkeyOf(key, 't')), noteWith(right, wrongOfOther), NODE_CRYPTO)).toBe(true);
  });

  it('may have right ones of several keys, and one twice', () => {
    const known = keys(vkeyOf(key, 't'), vkeyOf(other, 't'));
    expect(isSignedByAny(known, noteWith(right, others), NODE_CRYPTO)).toBe(true);
    expect(isSignedByAny(known, noteWith(right, right), NODE_CRYPTO)).toBe(true);
  });
});

it('leaves out keys that are none', () => {
  expect(keys('', 'a+b', vkeyOf(key, 't'), signed)).toHaveLength(1);
});
