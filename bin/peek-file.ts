import { BEGINNING_BYTES, type Beginning, readBeginning } from '../lib/evidence/check/file-beginning';

const LF = 0x0a;

/** The chunks of a file, and what its beginning says. */
export interface PeekedFile {
  beginning: Beginning;
  stream: AsyncIterable<Uint8Array>;
}

/** Looks at the beginning of a file, which tells what it is, and which checkpoint to compare it with. */
export async function peek(stream: AsyncIterable<Uint8Array>): Promise<PeekedFile> {
  const chunks = stream[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  for (let size = 0, lines = 0; size < BEGINNING_BYTES && lines < 2;) {
    const next = await chunks.next();
    if (next.done) break;
    read.push(next.value);
    size += next.value.length;
    lines += next.value.reduce((count, byte) => count + Number(byte === LF), 0);
  }
  return { beginning: readBeginning(Buffer.concat(read).toString()), stream: joined(read, chunks) };
}

async function* joined(
  beginning: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* beginning;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
