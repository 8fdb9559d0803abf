import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { attempt } from '../../util/attempt';
import { isObject } from '../../util/complaints';
import type { PostAnswer, PostRequest } from '../destination';

/** What of an answer is read: those of bulk requests tell of each item. */
const MAX_ANSWER = 4 * 1024 * 1024;

const compress = promisify(gzip);

/** The body as it is sent, and the headers that say so. */
export async function bodyOf({
  body,
  headers,
  gzip: isCompressed,
}: PostRequest): Promise<{ body: Buffer; headers: Record<string, string> }> {
  const bytes = Buffer.from(body);
  if (!isCompressed) return { body: bytes, headers: { ...headers } };
  return { body: await compress(bytes, { level: 1 }), headers: { ...headers, 'content-encoding': 'gzip' } };
}

/**
 * Posts by the `fetch` of Node.js as it is at the call: a dispatcher that the application has set, proxies of the
 * environment and `NODE_EXTRA_CA_CERTS` hold here, too. Redirects are not followed: they would get the secrets.
 */
export async function openFetch(request: PostRequest, signal: AbortSignal): Promise<PostAnswer> {
  const { body, headers } = await bodyOf(request);
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal,
    });
    const text = await readStart(response.body);
    return { status: response.status, header: (name) => response.headers.get(name), text };
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

/** The first part of an answer. */
async function readStart(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    if ((size += chunk.length) >= MAX_ANSWER) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Errors behind an error that are looked at: they may lead round in a circle. */
const DEPTH = 8;

/** What went wrong: the message of `fetch` says no more than that it failed. Errors may be those of another realm, or none. */
export function reasonOf(error: unknown): string {
  let reason = '';
  for (let each = error, depth = 0; isObject(each) && depth < DEPTH; each = each['cause'], depth++) {
    const { code, message } = each;
    if (typeof message === 'string' && message !== '') reason = message;
    if (typeof code === 'string')
      return reason.includes(code) ? reason : [code, reason].filter(Boolean).join(': ');
  }
  return reason === '' ? (attempt(() => String(error)) ?? 'it threw something else than an error') : reason;
}
