import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { ifInterrupted } from './interrupt';

/**
 * Writes a file under another name beside it, and renames it when it is whole and on the disk: a file of that name is
 * never half-written. What was there before is replaced then, and not earlier.
 */
export async function writeWhole(path: string, text: AsyncIterable<Uint8Array | string>): Promise<void> {
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`;
  const remove = () => rmSync(partial, { force: true });
  // Evidence holds personal data: others may be let in later, on purpose.
  const file = await open(partial, 'wx', 0o600);
  const forget = ifInterrupted(remove);
  try {
    await fill(file, text);
    await rename(partial, path);
  } catch (error) {
    remove();
    throw error;
  } finally {
    forget();
  }
}

async function fill(file: FileHandle, text: AsyncIterable<Uint8Array | string>): Promise<void> {
  try {
    for await (const chunk of text) await file.appendFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}
