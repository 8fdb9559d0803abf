import { closeSync, fsync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { ignoreMissing } from './missing-file';

/** A segment without unreleased lines is emptied at this size, in bytes, and not after each line. */
const WORTH_EMPTYING = 64 * 1024;

/** Where one line is in the spool. The line stays there until it is released. */
export interface LinePosition {
  readonly segment: Segment;
  readonly offset: number;
  /** Length in bytes, with the line break. */
  readonly length: number;
}

/** The owner of a segment. */
export interface SegmentWatcher {
  /** An error that no caller receives. */
  failed(error: unknown): void;
  removed(segment: Segment): void;
}

/**
 * - `active`: takes lines.
 * - `sealed`: takes no more lines, and has unreleased ones.
 * - `drained`: all lines were released, and the file was removed.
 * - `abandoned`: closed with unreleased lines; the file stays for the next process.
 */
type Life = 'active' | 'sealed' | 'drained' | 'abandoned';

/** Whether an fsync is running, and whether lines were written after it began. */
type Sync = 'idle' | 'running' | 'again';

/** One file of the spool. See `Spool` for its life. */
export class Segment {
  /** Bytes written. */
  size = 0;
  /** Lines that are not released. */
  private unreleased = 0;
  private life: Life = 'active';
  private syncState: Sync = 'idle';

  private constructor(
    private readonly path: string,
    private readonly fd: number,
    private readonly watcher: SegmentWatcher,
  ) {}

  static create(path: string, watcher: SegmentWatcher): Segment {
    return new Segment(path, openSync(path, 'ax+', 0o600), watcher);
  }

  /** Writes a line to the operating system, completely or not at all. */
  append(bytes: Buffer): LinePosition {
    const offset = this.size;
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.fd, bytes, done);
    } catch (error) {
      ftruncateSync(this.fd, offset);
      throw error;
    }
    this.size += bytes.length;
    this.unreleased++;
    return { segment: this, offset, length: bytes.length };
  }

  /** Reads the bytes from `offset` on; fewer than `length` when the file is shorter. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.fd, bytes, done, length - done, offset + done);
      if (count === 0) break; // truncated by another program
      done += count;
    }
    return bytes.subarray(0, done);
  }

  /** Starts an fsync. Calls during a running one are combined into the next. */
  sync(): void {
    if (this.syncState !== 'idle') {
      this.syncState = 'again';
      return;
    }
    this.syncState = 'running';
    fsync(this.fd, (error) => {
      const isAgain = this.syncState === 'again';
      this.syncState = 'idle';
      if (error) this.watcher.failed(error);
      if (isAgain) this.sync();
      else if (!this.isOpen) closeSync(this.fd);
    });
  }

  /** One line is not needed any more: its event is recorded, or its caller knows that it will not be. */
  release(): void {
    this.unreleased--;
    if (this.unreleased > 0) return;
    if (this.life === 'sealed') this.drain();
    else if (this.life === 'active' && this.size >= WORTH_EMPTYING) this.empty();
  }

  /** Takes no more lines from now on. */
  seal(): void {
    if (!this.isOpen) return;
    this.life = 'sealed';
    if (this.unreleased === 0) this.drain();
  }

  /** Closes the file. With unreleased lines it stays for the next process; else it is removed. */
  abandon(): void {
    this.seal();
    if (this.isOpen) this.close('abandoned');
  }

  private get isOpen(): boolean {
    return this.life === 'active' || this.life === 'sealed';
  }

  private empty(): void {
    try {
      ftruncateSync(this.fd, 0);
      this.size = 0;
    } catch (error) {
      this.watcher.failed(error);
    }
  }

  private drain(): void {
    this.watcher.removed(this);
    try {
      this.close('drained');
      ignoreMissing(() => unlinkSync(this.path));
    } catch (error) {
      this.watcher.failed(error);
    }
  }

  /** Closes the file; a running fsync closes it when it ends. */
  private close(life: 'drained' | 'abandoned'): void {
    this.life = life;
    if (this.syncState === 'idle') closeSync(this.fd);
  }
}
