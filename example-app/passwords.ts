import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const LENGTH = 32;
const COST = { N: 2 ** 14, r: 8, p: 5 };

/** A salted scrypt hash of a password, to be stored. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt);
  return `${salt.toString('base64')}:${hash.toString('base64')}`;
}

/** Whether the password is the hashed one. Without a hash it is not, after the same time. */
export async function isPassword(password: string, stored = ':'): Promise<boolean> {
  const [salt = '', hash = ''] = stored.split(':');
  const derived = await derive(password, Buffer.from(salt, 'base64'));
  const expected = Buffer.from(hash, 'base64');
  return expected.length === LENGTH && timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, LENGTH, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
