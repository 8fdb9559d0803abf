import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../event/id';
import { isMissing, ignoreMissing } from './missing-file';
import { isKnownDead, isOwnerName, NO_OWNER, newOwnerName } from './owner';

/** Wide enough for one segment with each event of a disk that stays full: names sort as their numbers do. */
const SEGMENT_DIGITS = 16;
const SEGMENT = /^\d{16}\.jsonl$/;

/** What `newId` gives: whatever else is in the directory is not ours to take, or to remove. */
const FOLDER = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Folders that ledgers of this very process own. */
const ours = new Set<string>();

/** One ledger's folder in the spool's directory. Another takes it over once the process that owned it is gone. */
export class Folder {
  private constructor(
    readonly path: string,
    private readonly owner: string,
  ) {
    ours.add(path);
  }

  static create(directory: string): Folder {
    const path = join(directory, newId());
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const owner = join(path, newOwnerName());
    closeSync(openSync(owner, 'wx', 0o600));
    return new Folder(path, owner);
  }

  /** Takes over a folder; null when somebody else was faster. The rename is what only one can do. */
  static claim({ path, owner }: OwnedFolder): Folder | null {
    const own = join(path, newOwnerName());
    try {
      if (owner === null) {
        rmdirSync(path); // its process ended before it had an owner, and so has no segments
        return null;
      }
      touchFile(join(path, owner)); // first, or another that has seen the long silence would take it from us
      renameSync(join(path, owner), own);
      return new Folder(path, own);
    } catch (error) {
      if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTEMPTY') return null;
      throw error;
    }
  }

  /** Says that the owner lives. False when the folder was taken over: this process was thought to be gone. */
  touch(): boolean {
    try {
      touchFile(this.owner);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
      ours.delete(this.path);
      return false;
    }
  }

  /** Names of the segments, oldest first. */
  segments(): string[] {
    return readdirSync(this.path)
      .filter((name) => SEGMENT.test(name))
      .sort();
  }

  /** The path of a segment; the number counts from 1. */
  segmentPath(number: number): string {
    return join(this.path, `${String(number).padStart(SEGMENT_DIGITS, '0')}.jsonl`);
  }

  /** Gives the folder up, if it is still this process's. When it is empty it goes; else whoever looks next may have it at once. */
  leave(): void {
    ours.delete(this.path);
    ignoreMissing(() => {
      if (this.segments().length > 0) return renameSync(this.owner, join(this.path, NO_OWNER));
      unlinkSync(this.owner);
      rmdirSync(this.path);
    });
  }
}

/** A folder that is not this process's. */
export interface OwnedFolder {
  path: string;
  /** The name of its owner; null while it is being made. */
  owner: string | null;
  /** Changes when the owner says that it lives. */
  touched: number;
  /** Whether its owner is known to be gone. */
  isOwnerDead: boolean;
}

/** The paths of the folders of other ledgers. */
export function foreignFolders(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((item) => item.isDirectory() && FOLDER.test(item.name))
    .map(({ name }) => join(directory, name))
    .filter((path) => !ours.has(path));
}

/** Looks who owns a folder; null when it was just taken over, or removed. */
export function readOwner(path: string): OwnedFolder | null {
  try {
    const owner = readdirSync(path).find(isOwnerName) ?? null;
    const touched = statSync(owner === null ? path : join(path, owner)).mtimeMs;
    return { path, owner, touched, isOwnerDead: owner !== null && isKnownDead(owner) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function touchFile(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}
