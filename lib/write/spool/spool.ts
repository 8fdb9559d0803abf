/*
 * The spool is a write-ahead file of accepted events on the local disk. Each process has a folder of segments, which
 * are files of lines; an event's line is released when the event is recorded. The life of a segment:
 *
 *   active ---- full, or a write failed ----> sealed ---- all lines released ----> drained (file removed)
 *      |                                        |                                     ^
 *      +------ process closes or dies ----------+                                     |
 *                        |                                                            |
 *                        v                                                            |
 *                    abandoned -- another process claims the folder --> claimed ------+
 *
 * An active segment whose lines are all released stays active, and is emptied at 64 KiB. A claimed segment with a
 * damaged line is not removed: it is set aside as `*.damaged`.
 *
 * segment.ts: active, sealed, drained, abandoned in order. folder-watch.ts, folder.ts: claimed. abandoned-folder.ts: a
 * claimed segment until it is drained.
 */
import { resolve } from 'node:path';
import { AuditError } from '../../errors';
import { Folder } from './folder';
import { type LinePosition, Segment } from './segment';

/** Where accepted events are stored until they are recorded. */
export interface SpoolOptions {
  /** A folder on the local disk. It is created if missing; many processes may share it. */
  directory: string;
  /** Whether events survive a power loss, too, from about 10 ms after they were accepted. */
  fsync?: boolean | undefined;
}

/** A segment is full at this size, in bytes. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

/** Stores lines on disk from the return of `write` until they are released. */
export class Spool {
  /** Absolute: the process may change its working directory. */
  readonly directory: string;
  private folder: Folder;
  /** The segment that takes lines. */
  private active: Segment | null = null;
  private readonly segments = new Set<Segment>();
  /** Segments created in the folder. */
  private count = 0;
  private failing = false;
  private closed = false;

  /**
   * @param maxBytes of all segments
   * @param report receives the first error of the disk, and the next one after a successful write
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

  /** Writes a line to the operating system; null when that fails. */
  write(line: string): LinePosition | null {
    if (this.closed) return null; // the file descriptor may belong to another file now
    const bytes = Buffer.from(line);
    try {
      const position = this.segmentFor(bytes.length).append(bytes);
      if (this.options.fsync) position.segment.sync();
      this.failing = false;
      return position;
    } catch (error) {
      this.sealActive(); // its end may be damaged: nothing may follow
      this.reportOnce(error);
      return null;
    }
  }

  /** Heartbeat. False when another process has claimed the folder: this one continues with a new folder. */
  touch(): boolean {
    if (this.folder.touch()) return true;
    this.sealActive();
    this.count = 0;
    this.folder = Folder.create(this.directory);
    return false;
  }

  /** Lines that are not released stay on disk for the next process. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const segment of this.segments) segment.abandon();
    this.folder.abandon();
  }

  private segmentFor(bytes: number): Segment {
    if (this.active && this.active.size >= SEGMENT_BYTES) this.sealActive();
    this.assertFits(bytes);
    if (this.active) return this.active;
    const path = this.folder.segmentPath(++this.count);
    this.active = Segment.create(path, {
      failed: (error) => this.reportOnce(error),
      removed: (segment) => this.segments.delete(segment),
    });
    this.segments.add(this.active);
    return this.active;
  }

  private sealActive(): void {
    this.active?.seal();
    this.active = null;
  }

  private assertFits(bytes: number): void {
    let used = bytes;
    for (const { size } of this.segments) used += size;
    if (used > this.maxBytes) throw new Error(`limits.spoolBytes ${this.maxBytes} is reached`);
  }

  private reportOnce(cause: unknown): void {
    if (this.failing) return;
    this.failing = true;
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `The spool in ${this.directory} does not take events: ${why}`;
    const mend = 'Until it does, they are kept in memory alone and would not survive the process';
    this.report(new AuditError('SPOOL_UNWRITABLE', `${what}. ${mend}.`, { cause }));
  }
}
