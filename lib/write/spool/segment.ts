import { closeSync, fsync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { ignoreMissing } from './missing-file';

/** A segment that all lines have left is emptied at this size, in bytes: not after each of the few lines of a quiet hour. */
const WORTH_EMPTYING = 64 * 1024;

/** One line's place in the spool. It is held until the line is recorded. */
export interface Place {
  readonly segment: Segment;
  readonly offset: number;
  /** Length in bytes, with the line break. */
  readonly length: number;
}

/** Who made a segment. */
export interface SegmentWatcher {
  /** There was trouble that no caller can be told of. */
  failed(error: unknown): void;
  removed(segment: Segment): void;
}

/** One file of the spool: lines are added at its end, and it is removed when it is full and all of them are recorded. */
export class Segment {
  /** Bytes written. */
  size = 0;
  private held = 0;
  private sealed = false;
  private left = false;
  private syncing = false;
  private dirty = false;

  private constructor(
    private readonly path: string,
    private readonly fd: number,
    private readonly watcher: SegmentWatcher,
  ) {}

  static create(path: string, watcher: SegmentWatcher): Segment {
    return new Segment(path, openSync(path, 'ax+', 0o600), watcher);
  }

  /** Writes a line to the operating system, whole or not at all. */
  append(bytes: Buffer): Place {
    const offset = this.size;
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.fd, bytes, done);
    } catch (error) {
      ftruncateSync(this.fd, offset);
      throw error;
    }
    this.size += bytes.length;
    this.held++;
    return { segment: this, offset, length: bytes.length };
  }

  /** The bytes from `offset` on. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.fd, bytes, done, length - done, offset + done);
      if (count === 0) break; // cut by somebody else
      done += count;
    }
    return bytes.subarray(0, done);
  }

  /** Starts to put on the disk what was written. While one run is under way the next gathers. */
  sync(): void {
    this.dirty = true;
    if (this.syncing) return;
    this.syncing = true;
    this.dirty = false;
    fsync(this.fd, (error) => {
      this.syncing = false;
      if (error) this.watcher.failed(error);
      if (this.dirty) this.sync();
      else if (this.left) closeSync(this.fd);
    });
  }

  /** A line is recorded, or its caller knows that it will not be. */
  release(): void {
    this.held--;
    if (this.held > 0 || this.left) return;
    if (this.sealed) this.remove();
    else if (this.size >= WORTH_EMPTYING) this.empty();
  }

  /** Takes no more lines. */
  seal(): void {
    this.sealed = true;
    if (this.held === 0 && !this.left) this.remove();
  }

  /** Closes the file, which stays for the next process when it still has lines that are not recorded. */
  leave(): void {
    this.seal();
    if (!this.left) this.close();
  }

  private empty(): void {
    try {
      ftruncateSync(this.fd, 0);
      this.size = 0;
    } catch (error) {
      this.watcher.failed(error);
    }
  }

  private remove(): void {
    this.watcher.removed(this);
    try {
      this.close();
      ignoreMissing(() => unlinkSync(this.path));
    } catch (error) {
      this.watcher.failed(error);
    }
  }

  private close(): void {
    this.left = true;
    if (!this.syncing) closeSync(this.fd);
  }
}
