import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Destination } from '../destination';
import { AuditError } from '../../errors';
import { isObject } from '../../util/complaints';

/** Where lines of JSON go. */
export type JsonlOptions = { file: string } | { stream: Writable };

const LINE_FEED = 10;

/**
 * Lines of JSON, for Vector, Fluent Bit and the agents of vendors: appended to a file, on the disk before they count, or
 * written to a stream such as `process.stdout`.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function jsonl(options: JsonlOptions): Destination {
  const { file, stream } = (isObject(options) ? options : {}) as { file?: unknown; stream?: Writable };
  const isFile = typeof file === 'string' && file !== '' && !file.includes('\0');
  if (isFile === (typeof stream?.write === 'function'))
    throw new AuditError('INVALID_OPTIONS', 'jsonl() takes the path of a `file`, or a `stream`.');
  return {
    kind: 'jsonl',
    address: isFile ? file : 'a stream of this process',
    isLocal: true,
    format: 'native',
    limits: { entries: 1_000, bytes: 4_000_000 },
    encode: ({ body }) => `${JSON.stringify(body)}\n`,
    async deliver(pieces) {
      const text = pieces.map((piece) => piece.text).join('');
      if (isFile) await append(file, text);
      else await written(stream as Writable, text);
      return { result: 'taken' };
    },
  };
}

/** The file is opened anew for each delivery, so that it can be rotated. */
async function append(path: string, text: string): Promise<void> {
  const handle = await open(path, 'a+');
  try {
    // A process that was killed may have left half a line.
    const begin = (await endsInLine(handle)) ? '' : '\n';
    await handle.appendFile(begin + text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function endsInLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === LINE_FEED;
}

async function written(stream: Writable, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    stream.write(text, (error) => (error ? reject(error) : resolve())),
  );
}
