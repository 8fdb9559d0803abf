import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Asked, Body } from '../api/asked';
import { Problem } from '../api/problem';
import { tooLarge } from './collected';

const decompress = promisify(gunzip);

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * The JSON of a request's body.
 * @param limit bytes that it may have, also once it is decompressed
 * @throws Problem 400, 413, 415
 */
export async function readJson(asked: Asked, limit: number): Promise<unknown> {
  const type = asked.header('content-type');
  if (type !== undefined && !JSON_TYPE.test(type.trim()))
    throw new Problem(415, 'Send `Content-Type: application/json`, in UTF-8.');
  const encoding = asked.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') throw encodingUnknown();
  if (!asked.body) throw new Problem(500, 'This binding reads no bodies.');
  const body = await asked.body(limit);
  return 'value' in body ? body.value : parse(await decoded(body, encoding, limit));
}

async function decoded(
  { bytes, isDecoded }: Exclude<Body, { value: unknown }>,
  encoding: string,
  limit: number,
): Promise<Uint8Array> {
  if (isDecoded || encoding === 'identity') return bytes;
  try {
    return await decompress(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new Problem(400, 'The body is not whole gzip.');
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, 'The body is not JSON in UTF-8.'); // without what it is: it may hold a secret
  }
}

function encodingUnknown(): Problem {
  const headers = { 'Accept-Encoding': 'gzip' }; // RFC 9110 §12.5.3
  return new Problem(415, 'Compress a body with `Content-Encoding: gzip` alone.', undefined, { headers });
}
