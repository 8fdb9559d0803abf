import { AuditError } from '../errors';
import { quote } from './quote';

const DIGITS = '0123456789abcdef';
/** The digits of each byte. */
export const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** What each ASCII character is worth as a digit; -1 for those that are none. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)));

/** Lower-case hex digits. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += PAIRS[byte] as string;
  return text;
}

/**
 * The bytes of lower-case hex digits.
 * @throws AuditError `UNREADABLE` for any other text.
 */
export function decodeHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i += 2) {
    const [high, low] = [VALUES[text.charCodeAt(i)] ?? -1, VALUES[text.charCodeAt(i + 1)] ?? -1];
    if (high < 0 || low < 0) throw unreadable(text);
    bytes[i / 2] = 16 * high + low;
  }
  return bytes;
}

function unreadable(text: string): AuditError {
  return new AuditError(
    'UNREADABLE',
    `${quote(text)} is not hex: it should be pairs of the digits 0-9 and a-f.`,
  );
}
