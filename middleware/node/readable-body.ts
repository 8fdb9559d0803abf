import { Readable } from 'node:stream';

/**
 * A body as a stream, for frameworks that send one themselves. It is read as slowly as the client takes it.
 * @param report is told why the body broke off
 * @param drop breaks the connection then: nobody takes what came for the whole
 */
export function readableBody(
  body: AsyncIterable<string | Uint8Array>,
  report: (error: unknown) => void,
  drop: () => void,
): Readable {
  return Readable.from(unbroken(body, report, drop), { objectMode: false, highWaterMark: 1 });
}

async function* unbroken(
  body: AsyncIterable<string | Uint8Array>,
  report: (error: unknown) => void,
  drop: () => void,
): AsyncGenerator<string | Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    report(error);
    drop();
  }
}
