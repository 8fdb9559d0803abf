import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { encodeBase64, decodeBase64 } from '../util/base64';
import { encodeHex } from '../util/hex';
import type { Sha256Bytes, VerifyEd25519 } from '../crypto/ports';

/** C2SP signed-note: who can have signed a note. */
export interface VerifierKey {
  name: string;
  /** Key ID: 8 hex digits. */
  id: string;
  /** An Ed25519 public key, 32 bytes. */
  publicKey: Uint8Array;
}

/** One signature line. */
export interface NoteSignature {
  name: string;
  /** Key ID: 8 hex digits. */
  id: string;
  signature: Uint8Array;
}

/** C2SP signed-note: a text, and who signed it. Nothing is verified yet. */
export interface Note {
  /** With the line break at its end: what is signed. */
  text: string;
  signatures: NoteSignature[];
}

/** C2SP signed-note: the type of Ed25519 keys. */
const ED25519 = 0x01;

const KEY_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;

/** Signature lines that a note may have, more than anybody needs: each costs a verifier time. */
export const MAX_SIGNATURES = 100;

/** C2SP signed-note: key names hold no Unicode spaces (`\s` would miss U+0085) and no plus sign. */
const NO_NAME = /[\p{White_Space}+]/u;

/** C2SP signed-note: ASCII control characters, those below U+0020, but line breaks. U+007F is none of them. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** What decoders put in the place of bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = '\ufffd';

const utf8 = new TextEncoder();

/** The key under a name, with the ID that C2SP signed-note derives from both. */
export function verifierKey(name: string, publicKey: Uint8Array, sha256: Sha256Bytes): VerifierKey {
  const line = utf8.encode(`${name}\n`);
  const bytes = new Uint8Array(line.length + 1 + publicKey.length);
  bytes.set(line);
  bytes[line.length] = ED25519;
  bytes.set(publicKey, line.length + 1);
  return { name, id: encodeHex(sha256(bytes).subarray(0, ID_BYTES)), publicKey };
}

/** The text of a verifier key: `<name>+<id>+<base64>`. */
export function formatVerifierKey({ name, id, publicKey }: VerifierKey): string {
  return `${name}+${id}+${encodeBase64(Uint8Array.of(ED25519, ...publicKey))}`;
}

/**
 * Reads a verifier key.
 * @throws AuditError `UNREADABLE` for what is none, or not of type Ed25519.
 */
export function parseVerifierKey(text: string, sha256: Sha256Bytes): VerifierKey {
  const [name, id, encoded] = splitKey(text);
  const bytes = decodeBase64(encoded);
  const isKey = isName(name) && bytes?.length === 1 + KEY_BYTES && bytes[0] === ED25519;
  const key = isKey ? verifierKey(name, bytes.slice(1), sha256) : null;
  if (key?.id === id) return key;
  const form = '<name>+<8 hex digits>+<base64 of an Ed25519 key>';
  throw new AuditError('UNREADABLE', `${quote(text)} is not a verifier key: it should be ${form}.`);
}

/** Base64 may hold plus signs, names and IDs may not. */
function splitKey(text: string): [name: string, id: string, encoded: string] {
  const [name = '', id = ''] = text.split('+', 2);
  return [name, id, text.slice(name.length + id.length + 2)];
}

/** A name outside what a note may hold could never stand in one. */
function isName(text: string): boolean {
  return text !== '' && !NO_NAME.test(text) && isNoteText(text);
}

/**
 * C2SP signed-note: whether a note may hold this: valid UTF-8 without control characters. U+FFFD is refused although
 * UTF-8 has it: bytes that are not UTF-8 were decoded to it, so two files would be the same note.
 */
export function isNoteText(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text) && !text.includes(REPLACEMENT_CHARACTER);
}

/** The whole note: the text, an empty line, a line for each signature. */
export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(({ name, id, signature }) => {
    const bytes = Uint8Array.from([...idBytes(id), ...signature]);
    return `— ${name} ${encodeBase64(bytes)}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/**
 * Reads a note. It says what it says; who said so, `isSignedBy` tells.
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseNote(note: string): Note {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw unreadable('it has no signatures');
  const text = note.slice(0, split + 1);
  if (!isNoteText(note)) throw unreadable('it holds a control character or what is not UTF-8');
  const lines = note.slice(split + 2, -1).split('\n', MAX_SIGNATURES + 1);
  if (lines.length > MAX_SIGNATURES) throw unreadable(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', more] = line.split(' ', 4);
  const bytes = decodeBase64(encoded);
  if (dash !== '—' || !isName(name) || more !== undefined || !bytes || bytes.length <= ID_BYTES)
    throw unreadable(`${quote(line)} is not a signature`);
  return { name, id: encodeHex(bytes.subarray(0, ID_BYTES)), signature: bytes.slice(ID_BYTES) };
}

/**
 * Which of these keys signed a note. None did when a line under the name and ID of one of them is wrong: C2SP signed-note
 * says that such a note should be refused, whatever others have signed.
 */
export function noteSigners(
  { text, signatures }: Note,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519,
): VerifierKey[] {
  const signers = new Set<VerifierKey>();
  for (const signed of signatures) {
    const known = keys.filter(({ name, id }) => name === signed.name && id === signed.id);
    const signer = known.find((key) => isSignedBy(text, signed, key, verify));
    if (signer) signers.add(signer);
    else if (known.length > 0) return [];
  }
  return [...signers];
}

/** Whether that key made that signature. */
export function isSignedBy(
  text: string,
  signed: NoteSignature,
  key: VerifierKey,
  verify: VerifyEd25519,
): boolean {
  const { name, id, signature } = signed;
  if (name !== key.name || id !== key.id || signature.length !== SIGNATURE_BYTES) return false;
  return verify(utf8.encode(text), signature, key.publicKey);
}

function idBytes(id: string): number[] {
  return [0, 2, 4, 6].map((at) => parseInt(id.slice(at, at + 2), 16));
}

function unreadable(why: string): AuditError {
  return new AuditError('CHECKPOINT_UNREADABLE', `This is not a signed note: ${why}.`);
}
