import { createReadStream, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError } from '../../errors';
import type { DraftedEvent } from '../../event/drafter';
import { RepeatedEvent } from '../repeated-event';
import type { Folder } from './folder';
import { isMissing, ignoreMissing } from './missing-file';
import { type Line, readLine } from './spool-line';

/** An event of a dead process, and the segments that hold its lines. */
export interface AbandonedEvent {
  drafted: DraftedEvent;
  segments: ReadonlySet<string>;
}

/** The longest line, in bytes: three values of 512 KiB, and the names and context of the event. */
const MAX_LINE = 2 * 1024 * 1024;

/** Bytes that are read at a time. */
const CHUNK = 1024 * 1024;

const LINE_FEED = 0x0a;

/** The folder of a dead process, claimed by this one: its events are recorded, and its segments removed. */
export class AbandonedFolder {
  /** References to each segment: one while the folder is read, and one for each unreleased event. */
  private readonly references = new Map<string, number>();
  /** Segments that have a damaged line. */
  private readonly damaged = new Set<string>();
  /** Repeated events whose final count has not been read. */
  private readonly folds = new Map<string, { fold: RepeatedEvent; segments: Set<string> }>();

  constructor(
    private readonly folder: Folder,
    private readonly report: (error: AuditError) => void,
  ) {}

  /** All events that may be unrecorded, in the order in which they were accepted. Pass the segments of each to `release`. */
  async *events(): AsyncGenerator<AbandonedEvent> {
    const segments = this.folder.segments();
    for (const segment of segments) {
      this.addReference(segment);
      yield* this.eventsIn(segment);
    }
    for (const { fold, segments } of this.folds.values()) {
      segments.forEach((segment) => this.addReference(segment));
      yield { drafted: { ...fold.end(), partial: true }, segments };
    }
    this.release(new Set(segments));
  }

  /** Segments with a line that can never be recorded are kept for an operator to inspect. */
  keep(segments: ReadonlySet<string>): void {
    for (const segment of segments) this.damaged.add(segment);
  }

  /** Removes one reference to each segment. A segment without references is removed, and the folder with the last one. True when the folder is gone. */
  release(segments: ReadonlySet<string>): boolean {
    for (const segment of segments) {
      const remaining = (this.references.get(segment) ?? 0) - 1;
      this.references.set(segment, remaining);
      if (remaining > 0) continue;
      this.references.delete(segment);
      if (this.damaged.delete(segment)) this.setAside(segment);
      else ignoreMissing(() => unlinkSync(join(this.folder.path, segment)));
    }
    if (this.references.size > 0) return false;
    this.abandon();
    return true;
  }

  /** Heartbeat. False when another process has claimed the folder. */
  touch(): boolean {
    return this.folder.touch();
  }

  /** Gives up the folder: another process may claim it. */
  abandon(): void {
    this.folder.abandon();
  }

  private addReference(segment: string): void {
    this.references.set(segment, (this.references.get(segment) ?? 0) + 1);
  }

  private async *eventsIn(segment: string): AsyncGenerator<AbandonedEvent> {
    for await (const text of readLines(join(this.folder.path, segment))) {
      const line = readLine(text);
      if (!line) this.damaged.add(segment);
      const drafted = line && this.readEvent(line, segment);
      if (!drafted) continue;
      this.addReference(segment);
      yield { drafted, segments: new Set([segment]) };
    }
  }

  /** The event of a line; null for a fold and its repetitions, which are one event at the end. */
  private readEvent(line: Line, segment: string): DraftedEvent | null {
    if (line.kind === 'event') {
      this.folds.delete(line.drafted.draft.id); // the event with the final count
      return line.drafted;
    }
    if (line.kind === 'fold') {
      const fold = RepeatedEvent.first(line.drafted);
      this.folds.set(fold.id, { fold, segments: new Set([segment]) });
      return null;
    }
    const folded = this.folds.get(line.id); // a repetition without its first event: recorded already
    folded?.segments.add(segment);
    folded?.fold.repeat(line.at);
    return null;
  }

  /** Renames a damaged segment for an operator to inspect: some accepted events cannot be recorded. */
  private setAside(segment: string): void {
    const kept = `${this.folder.path}-${segment}.damaged`;
    ignoreMissing(() => renameSync(join(this.folder.path, segment), kept));
    const what = 'A file of the spool is damaged: not all of its events can be recorded';
    this.report(new AuditError('SPOOL_DAMAGED', `${what}. It is kept as ${kept}.`));
  }
}

/** Reads complete lines: a last one without line break was never accepted. A line that is too long is read as empty. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let tooLong = false;
  for await (const chunk of readChunks(path)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield tooLong || end - start > MAX_LINE ? '' : bytes.toString('utf8', start, end);
      tooLong = false;
      start = end + 1;
    }
    tooLong ||= bytes.length - start > MAX_LINE;
    rest = tooLong ? Buffer.alloc(0) : bytes.subarray(start);
  }
}

/** Reads nothing when the file is missing: its owner was alive after all, and has recorded the events. */
async function* readChunks(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
