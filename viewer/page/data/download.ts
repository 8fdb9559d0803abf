import { Failure } from './failure';

/** How far a download is. */
export interface Progress {
  bytes: number;
  records: number;
}

/** Bytes after which what was read is handed to the browser as a Blob, which need not keep it in memory. */
const FLUSH = 4 << 20;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * Reads a file to its end. A connection that breaks is an error, so that no file is saved which only looks whole.
 * @throws Failure with the code CUT when it does not end as it should.
 */
export async function downloaded(
  response: Response,
  format: 'csv' | 'json' | 'jsonl',
  progress: (progress: Progress) => void,
): Promise<Blob> {
  const type = response.headers.get('content-type') ?? '';
  const reader = response.body?.getReader();
  if (!reader) throw new Failure(0, '', 'CUT');
  const lines = new LineCount(format === 'csv');
  const blobs: Blob[] = [];
  let [chunks, held, bytes]: [Uint8Array<ArrayBuffer>[], number, number] = [[], 0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    lines.add(value);
    bytes += value.length;
    held += value.length;
    if (held >= FLUSH) {
      blobs.push(new Blob(chunks));
      [chunks, held] = [[], 0];
    }
    progress({ bytes, records: recordsOf(lines.count, format) });
  }
  // Each format ends its last line; an export without entries is an empty one.
  if (bytes > 0 && !lines.isEnded) throw new Failure(0, '', 'CUT');
  if (bytes === 0 && format !== 'jsonl') throw new Failure(0, '', 'CUT');
  return new Blob([...blobs, ...chunks], { type });
}

/** The name that the server gives the file. */
export function fileNameOf(response: Response, fallback: string): string {
  const disposition = response.headers.get('content-disposition') ?? '';
  return /filename="([^"\\/]+)"/.exec(disposition)?.[1] ?? fallback;
}

/** Counts lines; those within the quotes of a cell are none. */
class LineCount {
  count = 0;
  private isQuoted = false;
  private last = LINE_FEED;

  constructor(private readonly hasQuotes: boolean) {}

  /** Whether the last line is complete. */
  get isEnded(): boolean {
    return this.last === LINE_FEED && !this.isQuoted;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === LINE_FEED && !this.isQuoted) this.count++;
      else if (byte === QUOTE && this.hasQuotes) this.isQuoted = !this.isQuoted;
    }
    this.last = bytes.at(-1) ?? this.last;
  }
}

/** Lines that are no records: the header of a CSV file, the brackets of an array. */
function recordsOf(lines: number, format: string): number {
  return format === 'jsonl' ? lines : Math.max(0, lines - 1);
}
