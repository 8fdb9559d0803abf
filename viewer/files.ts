import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the build puts the pages. In the package it puts this module there as well, with the pages inside. */
const FOLDER = join(__dirname, '..', 'dist', 'viewer');

const files = new Map<string, Promise<string>>();

/**
 * The text of a page, or of what it is made of. Read once; after a failure, the next call tries again.
 * @throws Error when the pages were not built.
 */
export function readViewerFile(name: string): Promise<string> {
  const known = files.get(name);
  if (known) return known;
  const reading = read(name);
  files.set(name, reading);
  reading.catch(() => files.delete(name));
  return reading;
}

async function read(name: string): Promise<string> {
  try {
    return await readFile(join(FOLDER, name), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new Error('The viewer was not built: run npm run build.', { cause });
  }
}
