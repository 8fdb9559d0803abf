import { randomBytes } from 'node:crypto';
import { createWriteStream, openSync, rmSync } from 'node:fs';
import { lstat, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { InputError } from './failure';
import { ifInterrupted } from './interrupt';

/**
 * Writes a file under another name beside it, and renames it when it is whole and on the disk: a file of that name is
 * never half-written. What was there before is replaced then, and not earlier.
 * @throws InputError where what is there is no file: a device or a link would be replaced, too.
 */
export async function writeWhole(path: string, text: AsyncIterable<Uint8Array | string>): Promise<void> {
  await assertReplaceable(path);
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`;
  const remove = () => rmSync(partial, { force: true });
  // Evidence holds personal data: others may be let in later, on purpose. No signal comes between this and the next line.
  const fd = openSync(partial, 'wx', 0o600);
  const forget = ifInterrupted(remove);
  try {
    await pipeline(text, createWriteStream(partial, { fd, flush: true }));
    await rename(partial, path);
  } catch (error) {
    remove();
    throw error;
  } finally {
    forget();
  }
}

async function assertReplaceable(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (!there || there.isFile()) return;
  const what = there.isSymbolicLink() ? 'a symbolic link: give the file that it leads to' : 'no file';
  throw new InputError(`${path} is ${what}.`);
}
