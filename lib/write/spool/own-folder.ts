import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bits of a mode: whether the group or others may write. */
const OTHERS_WRITE = 0o022;

/** Systems without users have no ids. */
const own = (): number | null => process.getuid?.() ?? null;

/**
 * Whoever owns the directory of a spool decides what becomes of it.
 * @throws {Error} where that is neither this process's user nor root, or where it is a link
 */
export function assertOwnDirectory(path: string): void {
  const stats = lstatSync(path);
  const mend = 'give a folder of this process’s own, such as one within it, which is made';
  if (stats.isSymbolicLink()) throw new Error(`${path} is a symbolic link: give the folder that it leads to`);
  if (!stats.isDirectory()) throw new Error(`${path} is no folder`);
  if (own() === null || stats.uid === own() || stats.uid === 0) return;
  throw new Error(`${path} belongs to user ${stats.uid}, not to ${own()}: ${mend}`);
}

/**
 * Nobody else may have put anything into a folder of which the events are recorded.
 * @throws {Error} where somebody may have
 */
export function assertOwnFolder(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isDirectory() || (own() !== null && (stats.uid !== own() || stats.mode & OTHERS_WRITE)))
    throw new Error(`${path} is not by this process’s user alone: its events are not recorded`);
  const stranger = readdirSync(path, { withFileTypes: true }).find((item) => !item.isFile());
  if (stranger)
    throw new Error(
      `${join(path, stranger.name)} is no file of a ledger: the events beside it are not recorded`,
    );
}

/** Whether a segment is a file of our own, and no link to another. */
export function isOwnFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false }); // its owner may remove it at any time
  return (
    stats !== undefined && stats.isFile() && stats.nlink === 1 && (own() === null || stats.uid === own())
  );
}
