import { resolve } from 'node:path';
import { AuditError } from '../../errors';
import { Folder } from './folder';
import { type Place, Segment } from './segment';

/** Where events are kept until they are recorded. */
export interface SpoolOptions {
  /** A folder of the local disk, made if it is not there; any number of processes may be given the same. */
  directory: string;
  /** Whether events also survive a power loss, from some 10 ms after they were accepted. */
  fsync?: boolean | undefined;
}

/** A segment takes no more lines at this size, in bytes. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

/** Keeps lines on disk from the moment that `write` has returned until they are released. */
export class Spool {
  /** Absolute: the process may change its working directory. */
  readonly directory: string;
  private folder: Folder;
  private active: Segment | null = null;
  private readonly segments = new Set<Segment>();
  private count = 0;
  private troubled = false;
  private closed = false;

  /**
   * @param maxBytes of what waits on disk
   * @param report told once of trouble with the disk, until a line is written again
   * @throws the error of the file system when the directory cannot be used
   */
  constructor(
    private readonly options: SpoolOptions,
    private readonly maxBytes: number,
    private readonly report: (error: AuditError) => void,
  ) {
    this.directory = resolve(options.directory);
    this.folder = Folder.create(this.directory);
  }

  /** Hands a line to the operating system; null when that cannot be. */
  write(line: string): Place | null {
    if (this.closed) return null; // its file's number may be another file's now
    const bytes = Buffer.from(line);
    try {
      const place = this.segmentFor(bytes.length).append(bytes);
      if (this.options.fsync) place.segment.sync();
      this.troubled = false;
      return place;
    } catch (error) {
      this.active?.seal(); // whatever it ends with now, nothing comes after it
      this.active = null;
      this.trouble(error);
      return null;
    }
  }

  /** Says that this process lives. When it was thought to be gone, what it had is another's, and it begins anew. */
  touch(): boolean {
    if (this.folder.touch()) return true;
    this.active?.seal();
    this.active = null;
    this.count = 0;
    this.folder = Folder.create(this.directory);
    return false;
  }

  /** What was not released stays for the next process. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const segment of this.segments) segment.leave();
    this.folder.leave();
  }

  private segmentFor(bytes: number): Segment {
    if (this.active && this.active.size >= SEGMENT_BYTES) {
      this.active.seal();
      this.active = null;
    }
    this.assertRoom(bytes);
    if (this.active) return this.active;
    const path = this.folder.segmentPath(++this.count);
    this.active = Segment.create(path, {
      failed: (error) => this.trouble(error),
      removed: (segment) => this.segments.delete(segment),
    });
    this.segments.add(this.active);
    return this.active;
  }

  private assertRoom(bytes: number): void {
    let used = bytes;
    for (const { size } of this.segments) used += size;
    if (used > this.maxBytes) throw new Error(`limits.spoolBytes ${this.maxBytes} is reached`);
  }

  private trouble(cause: unknown): void {
    if (this.troubled) return;
    this.troubled = true;
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `The spool in ${this.directory} does not take events: ${why}`;
    const mend = 'Until it does, they are kept in memory alone and would not survive the process';
    this.report(new AuditError('STORE_UNAVAILABLE', `${what}. ${mend}.`, { cause }));
  }
}
