import { createReadStream, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError } from '../../errors';
import type { DraftedEvent } from '../../event/drafter';
import { RepeatedEvent } from '../repeated-event';
import type { Folder } from './folder';
import { isMissing, ignoreMissing } from './missing-file';
import { type Line, readLine } from './spool-line';

/** An event that a process left, and the segments that it is in. */
export interface AbandonedEvent {
  drafted: DraftedEvent;
  segments: ReadonlySet<string>;
}

/** No line is longer than the largest event, in bytes: three values of 512 KiB, and its names and context. */
const MAX_LINE = 2 * 1024 * 1024;

/** Bytes that are read at a time. */
const CHUNK = 1024 * 1024;

const LINE_FEED = 0x0a;

/** What a process that is gone left in its folder. */
export class AbandonedFolder {
  /** What each segment that was read still waits for: its own reading, and its events. */
  private readonly awaited = new Map<string, number>();
  /** Segments that have a damaged line. */
  private readonly damaged = new Set<string>();
  /** Folded events whose end has not been read. */
  private readonly folds = new Map<string, { fold: RepeatedEvent; segments: Set<string> }>();

  constructor(
    private readonly folder: Folder,
    private readonly report: (error: AuditError) => void,
  ) {}

  /** All that was accepted and may not be recorded, in the order in which it was accepted. Each is to be `settled`. */
  async *events(): AsyncGenerator<AbandonedEvent> {
    const segments = this.folder.segments();
    for (const segment of segments) {
      this.hold(segment);
      yield* this.eventsIn(segment);
    }
    for (const { fold, segments } of this.folds.values()) {
      segments.forEach((segment) => this.hold(segment));
      yield { drafted: { ...fold.end(), partial: true }, segments };
    }
    this.settled(new Set(segments));
  }

  /** A segment goes with the last of its events, and the folder with the last segment. True once all is gone. */
  settled(segments: ReadonlySet<string>): boolean {
    for (const segment of segments) {
      const left = (this.awaited.get(segment) ?? 0) - 1;
      this.awaited.set(segment, left);
      if (left > 0) continue;
      this.awaited.delete(segment);
      if (this.damaged.delete(segment)) this.setAside(segment);
      else ignoreMissing(() => unlinkSync(join(this.folder.path, segment)));
    }
    if (this.awaited.size > 0) return false;
    this.leave();
    return true;
  }

  /** Says that somebody is at work; false when another process has taken over. */
  touch(): boolean {
    return this.folder.touch();
  }

  leave(): void {
    this.folder.leave();
  }

  private hold(segment: string): void {
    this.awaited.set(segment, (this.awaited.get(segment) ?? 0) + 1);
  }

  private async *eventsIn(segment: string): AsyncGenerator<AbandonedEvent> {
    for await (const text of readLines(join(this.folder.path, segment))) {
      const line = readLine(text);
      if (!line) this.damaged.add(segment);
      const drafted = line && this.readEvent(line, segment);
      if (!drafted) continue;
      this.hold(segment);
      yield { drafted, segments: new Set([segment]) };
    }
  }

  /** The event of a line that is one by itself. */
  private readEvent(line: Line, segment: string): DraftedEvent | null {
    if (line.kind === 'event') {
      this.folds.delete(line.drafted.draft.id); // its end, with the final count
      return line.drafted;
    }
    if (line.kind === 'fold') {
      const fold = RepeatedEvent.first(line.drafted);
      this.folds.set(fold.id, { fold, segments: new Set([segment]) });
      return null;
    }
    const folded = this.folds.get(line.id); // without a beginning it is one that was recorded
    folded?.segments.add(segment);
    folded?.fold.repeat(line.at);
    return null;
  }

  /** A damaged segment is kept for people to look at: events were accepted that cannot be recorded. */
  private setAside(segment: string): void {
    const kept = `${this.folder.path}-${segment}.damaged`;
    ignoreMissing(() => renameSync(join(this.folder.path, segment), kept));
    const what = 'A file of the spool is damaged: not all of its events can be recorded';
    this.report(new AuditError('UNREADABLE', `${what}. It is kept as ${kept}.`));
  }
}

/** Lines that are whole: a last one without its end was never accepted. One that is too long is given empty. */
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

/** Nothing where the file is gone: a process that was wrongly thought to be gone has recorded its events itself. */
async function* readChunks(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
