import type { Response } from 'express';

/** What can only be seen while a response is being written. */
export interface ResponseWatch {
  /** Bytes of the body that were sent: all of them once the response is finished, else those known to have left. */
  bytesSent(): number;
  /** Whether it is a download, by `Content-Disposition: attachment`. */
  isAttachment(): boolean;
}

type Callback = (error?: Error | null) => void;
type Write = (chunk?: unknown, ...rest: unknown[]) => unknown;

/** Statuses whose responses have no body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/**
 * Counts what passes through `write` and `end`. Mounted before `compression()`, it sees compressed bytes.
 * @param ended called at each `end`: also at one that comes after the client has gone.
 */
export function watchResponse(res: Response, ended: () => void): ResponseWatch {
  let handed = 0;
  let flushed = 0;
  let disposition: unknown;

  const write = res.write.bind(res) as Write;
  res.write = ((chunk: unknown, ...rest: unknown[]) => {
    const bytes = res.writableEnded ? 0 : sizeOf(chunk, rest[0]);
    handed += bytes;
    return write(chunk, ...withCallback(rest, (error) => (flushed += error ? 0 : bytes)));
  }) as typeof res.write;

  const end = res.end.bind(res) as Write;
  res.end = ((chunk: unknown, ...rest: unknown[]) => {
    if (!res.writableEnded) handed += sizeOf(chunk, rest[0]);
    end(chunk, ...rest);
    ended();
    return res;
  }) as typeof res.end;

  const writeHead = res.writeHead.bind(res) as Write;
  res.writeHead = ((...args: unknown[]) => {
    disposition = dispositionIn(args.at(-1));
    return writeHead(...args);
  }) as typeof res.writeHead;

  return {
    bytesSent() {
      if (res.req.method === 'HEAD' || BODILESS.has(res.statusCode)) return 0;
      return res.writableFinished ? handed : flushed;
    },
    isAttachment: () => isAttachment(disposition) || isAttachment(res.getHeader('content-disposition')),
  };
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

/** The arguments of `write` behind the chunk, with a callback that calls `counted` too. */
function withCallback(rest: unknown[], counted: Callback): unknown[] {
  const position = rest.findIndex((argument) => typeof argument === 'function');
  const given = rest[position] as Callback | undefined;
  const callback: Callback = (error) => {
    counted(error);
    given?.(error);
  };
  return [...(position < 0 ? rest.slice(0, 1) : rest.slice(0, position)), callback];
}

/** `writeHead` takes headers that `getHeader` may not know of: as an object, as names and values in turn, or in pairs. */
function dispositionIn(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const list: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers);
  const turns = Array.isArray(list[0]) ? list.flat() : list;
  const position = turns.findIndex((name, i) => i % 2 === 0 && isDisposition(name));
  return position < 0 ? undefined : turns[position + 1];
}

function isDisposition(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'content-disposition';
}

function isAttachment(disposition: unknown): boolean {
  return typeof disposition === 'string' && /^\s*attachment/i.test(disposition);
}
