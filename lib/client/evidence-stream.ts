import { AuditError } from '../errors';
import { unreachable } from './transport';

/** A stream of bytes, which Node.js also takes as an async iterable: `writeFile(name, evidence)` works. */
export type EvidenceStream = ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>;

/**
 * The body of an export. Where the connection breaks it ends with an `AuditError`, never as if it were complete.
 * It is no stream of type `bytes`: those take the memory of what they are given away.
 */
export function evidenceStream(body: ReadableStream<Uint8Array> | null): EvidenceStream {
  if (!body) throw new AuditError('STORE_UNAVAILABLE', 'The collector answered an export without a body.');
  const reader = body.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(unreachable('The export was cut off', error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return Symbol.asyncIterator in stream ? (stream as EvidenceStream) : iterable(stream);
}

/** Where the runtime's streams cannot be iterated. */
function iterable(stream: ReadableStream<Uint8Array>): EvidenceStream {
  return Object.assign(stream, { [Symbol.asyncIterator]: () => pieces(stream) });
}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const read = await reader.read();
      isDone = read.done;
      if (read.done) return;
      yield read.value;
    }
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}
