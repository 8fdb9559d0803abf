import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AuditError, isAuditError } from '../errors';
import { type CheckpointNote, parseCheckpointNote } from '../notes/checkpoint-note';
import { parseReopeningNote } from '../notes/reopening-note';

/** Bytes that are read at a time. */
const CHUNK = 1024 * 1024;

/**
 * A file with a copy of each checkpoint, one JSON string a line. It is only appended to. On a disk that nobody with
 * access to the database can write to, it shows what was rewritten in the database. A chain that is opened again is a line
 * of it, too: checkpoints before that line are void.
 */
export class CheckpointCopies {
  /** Absolute: the process may change its working directory. */
  readonly path: string;
  /** The newest checkpoint of each origin, or the reopening behind it, and how far the file has been read for that. */
  private readonly known = new Map<string, CheckpointNote>();
  private position = 0;
  private reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = resolve(path);
  }

  /**
   * Adds a note, on the disk when this resolves.
   * @throws AuditError `STORE_UNAVAILABLE`.
   */
  async append(note: string): Promise<void> {
    const { O_APPEND, O_CREAT, O_RDWR } = constants;
    await this.withFile(O_APPEND | O_CREAT | O_RDWR, async (file) => {
      const { size } = await file.stat();
      const last = size > 0 ? (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() : '\n';
      // A line that a crash has torn must not take this one with it.
      await file.appendFile(`${last === '\n' ? '' : '\n'}${JSON.stringify(note)}\n`);
      await file.sync();
    });
  }

  /**
   * The newest checkpoint of an origin, whoever signed it; null without one.
   * @throws AuditError `STORE_UNAVAILABLE`.
   */
  async newest(origin: string): Promise<CheckpointNote | null> {
    this.reading = this.reading.catch(() => undefined).then(() => this.readAppended());
    await this.reading;
    return this.known.get(origin) ?? null;
  }

  /** Reads what has been added since, up to the last whole line. */
  private async readAppended(): Promise<void> {
    const { O_CREAT, O_RDONLY } = constants;
    await this.withFile(O_CREAT | O_RDONLY, async (file) => {
      const { size } = await file.stat();
      if (size < this.position) this.position = 0; // it was cut: what is known of it stays known
      for (let more = true; more;) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, this.position);
        const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
        for (const line of buffer.toString('utf8', 0, end).split('\n')) this.remember(line);
        more = bytesRead === CHUNK;
        // No checkpoint is as long as a chunk: junk that is must not hide what comes behind it.
        this.position += more && end === 0 ? CHUNK : end;
      }
    });
  }

  /** A line that holds no checkpoint, such as one that a crash has torn, says nothing. */
  private remember(line: string): void {
    const opened = tryParseLine(line, parseCheckpointNote);
    // Whoever could write it here could write checkpoints: from here on others count.
    const reopened = opened ? null : tryParseLine(line, parseReopeningNote);
    if (reopened) this.known.set(reopened.origin, reopened);
    if (!opened || (this.known.get(opened.origin)?.size ?? -1) >= opened.size) return;
    this.known.set(opened.origin, opened);
  }

  private async withFile(flags: number, work: (file: FileHandle) => Promise<void>): Promise<void> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.path, flags, 0o600);
      await work(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const what = `The file for checkpoints, ${this.path}, cannot be used: ${why}`;
      throw new AuditError('STORE_UNAVAILABLE', `${what}. Without a copy there nothing is signed.`, {
        cause: error,
      });
    } finally {
      await file?.close();
    }
  }
}

function tryParseLine<T>(line: string, parse: (note: string) => T): T | null {
  try {
    const note: unknown = JSON.parse(line);
    return typeof note === 'string' ? parse(note) : null;
  } catch (error) {
    if (isAuditError(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}
