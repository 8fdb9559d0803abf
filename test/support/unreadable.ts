import type { AuditErrorCode } from '../../lib/errors';

/** What is thrown for bytes that are not what they should be: our error, never a `SyntaxError` or `TypeError`. */
const errorOf = (code: AuditErrorCode): Error =>
  expect.objectContaining({ name: 'AuditError', code }) as Error;

export const UNREADABLE = errorOf('UNREADABLE');
export const CHECKPOINT_UNREADABLE = errorOf('CHECKPOINT_UNREADABLE');
export const CHECKPOINT_CONTRADICTED = errorOf('CHECKPOINT_CONTRADICTED');
export const ENTRY_ALTERED = errorOf('ENTRY_ALTERED');
export const TREE_DAMAGED = errorOf('TREE_DAMAGED');

/** A megabyte that is slow to read for an expression that backtracks. */
export const JUNK = [
  ' ',
  '\n',
  '\n\n',
  '+',
  'A',
  '— ',
  '— a AAAAAAA=\n',
  'index 0\n',
  'é',
  '\ud800',
  '\0',
].map((unit) => unit.repeat(2 ** 20 / unit.length));

/** Milliseconds of this process's computing that a call took, whatever it did and however busy the machine is. */
export function timeOf(call: () => unknown): number {
  const start = process.cpuUsage();
  try {
    call();
  } catch {
    // what it throws, others look at
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The least time of at most three such calls. Once one took less than `enough`, no more are made. */
export function leastTimeOf(call: () => unknown, enough: number): number {
  let least = Infinity;
  for (let tries = 0; tries < 3 && least >= enough; tries++) least = Math.min(least, timeOf(call));
  return least;
}
