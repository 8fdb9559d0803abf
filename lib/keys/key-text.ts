import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What keys begin with, so that scanners of repositories and logs find them. */
const BEGINNING = 'alk_';

/** RFC 4648 base32 in lower case, and base62. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const ID_LENGTH = 12;
const SECRET_BYTES = 32;

/** Characters of base62 that 32 bytes, and a CRC32, take. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** Characters of a secret that are shown, so that two of one key can be told apart. */
const SHOWN = 4;

const KEY = new RegExp(
  `^(${BEGINNING}([a-z2-7]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

const ID = new RegExp(`^[a-z2-7]{${ID_LENGTH}}$`);

/** The id of a new key: 60 random bits. */
export function newKeyId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => BASE32[byte & 31]).join('');
}

/** Whether a value has the form of a key's id. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** The text of a new key: `alk_<id>_<secret><checksum>`, with 256 random bits. */
export function newKeyText(id: string): string {
  const body = `${BEGINNING}${id}_${base62(bytesToNumber(randomBytes(SECRET_BYTES)), SECRET_LENGTH)}`;
  return body + checksumOf(body);
}

/** The id in the text of a key; null for what cannot be one, which its checksum tells without a look at the store. */
export function keyIdIn(text: string): string | null {
  const [, body, id, checksum] = KEY.exec(text) ?? [];
  return body !== undefined && id !== undefined && checksum === checksumOf(body) ? id : null;
}

/** What is shown of a key: `alk_<id>_` and the first characters of its secret. */
export function keyPrefix(text: string): string {
  return text.slice(0, BEGINNING.length + ID_LENGTH + 1 + SHOWN);
}

/** Whether a text, such as the query of a URL, has something in it that may be a key. */
export function mayHoldKey(text: string): boolean {
  return text.toLowerCase().includes(BEGINNING);
}

function checksumOf(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function bytesToNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function base62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest /= 62n) text = `${BASE62[Number(rest % 62n)]}${text}`;
  return text;
}
