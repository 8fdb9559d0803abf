import {
  isSignedByOneOf,
  openCheckpoint,
  openCheckpointOf,
  readableKeys,
  readCheckpointOf,
} from '../../../lib/merkle/stored-head';
import { NOTE_CRYPTO } from '../../../lib/note-crypto';
import { LEDGER, newKey, noteBy, vkeyOf } from '../../support/signing';
import { JUNK, UNREADABLE } from '../../support/unreadable';

const key = newKey();
const ROOT = new Uint8Array(32).fill(7);
const ORIGIN = `${LEDGER}/t`;
const signed = noteBy(key, 't', 9, ROOT);
const keys = (...texts: string[]) => readableKeys(texts, NOTE_CRYPTO);

describe('a stored checkpoint', () => {
  it.each([
    ['signed', signed, 1],
    ['unsigned', noteBy(null, 't', 9, ROOT), 0],
  ])('is read %s', (_, note, signatures) => {
    const opened = openCheckpointOf(ORIGIN, note);
    expect(opened).toMatchObject({ origin: ORIGIN, size: 9, root: ROOT });
    expect(opened.note.signatures).toHaveLength(signatures);
    expect(readCheckpointOf(ORIGIN, note)).toEqual(opened);
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
    expect(readCheckpointOf(ORIGIN, note)).toBeNull();
    expect(() => openCheckpointOf(ORIGIN, note)).toThrow(UNREADABLE);
  });
});

describe('isSignedByOneOf', () => {
  const opened = openCheckpoint(signed);

  it('knows the key among others', () => {
    const given = keys(vkeyOf(newKey(), 't'), vkeyOf(key, 't'));
    expect(isSignedByOneOf(given, opened, NOTE_CRYPTO)).toBe(true);
  });

  it.each([
    ['no key', []],
    ['a stranger’s key', [vkeyOf(newKey(), 't')]],
    ['the same key under another name', [vkeyOf(key, 'u')]],
  ])('is false for %s', (_, texts) => {
    expect(isSignedByOneOf(keys(...texts), opened, NOTE_CRYPTO)).toBe(false);
  });

  it('is false for another text, and for none that signed', () => {
    const given = keys(vkeyOf(key, 't'));
    const forged = openCheckpoint(signed.replace('\n9\n', '\n8\n'));
    expect(isSignedByOneOf(given, forged, NOTE_CRYPTO)).toBe(false);
    expect(isSignedByOneOf(given, openCheckpoint(noteBy(null, 't', 9, ROOT)), NOTE_CRYPTO)).toBe(false);
  });
});

it('leaves out keys that are none', () => {
  expect(keys('', 'a+b', vkeyOf(key, 't'), signed)).toHaveLength(1);
});
