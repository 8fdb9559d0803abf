import { AuditError } from '../lib/errors';

/** The program was called in a way that it does not understand. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The same error, or that of usage where options of the library are wrong: they were given to the command line, not to a function. */
export function asUsageError(error: unknown): unknown {
  const isUsage = error instanceof AuditError && error.code === 'INVALID_OPTIONS';
  return isUsage ? new UsageError(error.message.replace(/\.$/, '')) : error;
}

/** Something that the caller gave cannot be used; the message says what, and how to mend it. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** What to do about what the operating system refuses. */
const MENDS: Readonly<Record<string, string>> = {
  ENOENT: 'compare the name, and the folder that it stands in',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EISDIR: 'name a file in it',
  ENOSPC: 'make room on that disk',
};

/** What an error says, in one line, and what to do: some of Node.js's have a stack in their message. */
export function describeReason(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const mend = MENDS[String(exitCodeFor(error))];
  return line === '' ? 'unknown error' : line + (mend === undefined ? '' : `: ${mend}`);
}

/** Node.js's name for what went wrong, such as `ENOENT`. */
export function exitCodeFor(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}
