import { createHash } from 'node:crypto';
import type { Asked } from './asked';

/** What a request to the audit trail is answered with, whatever the framework. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is whole and short; the rest comes in portions, and may fail on the way. */
  readonly body: string | AsyncIterable<string | Uint8Array> | null;
}

/** `JSON.stringify`, whatever the application has set: readers hash these bytes. */
export function json(body: unknown, headers: Answer['headers'] = {}): Answer {
  return text('application/json; charset=utf-8', JSON.stringify(body), headers);
}

/** A text of a media type. */
export function text(type: string, body: string, headers: Answer['headers'] = {}): Answer {
  return { status: 200, headers: { 'Content-Type': type, ...headers }, body };
}

/** The same without a body, where the client says by `If-None-Match` that it has it: RFC 9110 §13.1.2. */
export function tagged(answer: Answer, asked: Pick<Asked, 'header'>): Answer {
  const { status, headers, body } = answer;
  if (typeof body !== 'string') return answer;
  const tag = headers['ETag'] ?? tagOf(body);
  const withTag = { ...headers, ETag: tag };
  if (status !== 200 || !isKnown(asked, tag)) return { status, headers: withTag, body };
  const { 'Content-Type': _, ...others } = withTag as Record<string, string>;
  return { status: 304, headers: others, body: null };
}

/** What names a body. Weak, since compression changes the bytes on the wire. */
export function tagOf(body: string): string {
  return `W/"${createHash('sha256').update(body).digest('base64url')}"`;
}

/** Compared weakly. */
function isKnown(asked: Pick<Asked, 'header'>, tag: string): boolean {
  const known = asked.header('if-none-match');
  if (known === undefined || /no-cache/.test(asked.header('cache-control') ?? '')) return false;
  return known.trim() === '*' || known.split(',').some((each) => each.trim() === tag);
}
