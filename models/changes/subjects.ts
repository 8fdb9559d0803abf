import { createHash } from 'node:crypto';
import type { Serialize } from './documents';

/** Names a document in the outbox: the same in all processes. */
export function subjectOf(namespace: string, id: unknown, serialize: Serialize): string {
  return createHash('sha256').update(`${namespace}\0`).update(serialize({ id })).digest('base64url');
}
