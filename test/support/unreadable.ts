/** What is thrown for bytes that are not what they should be: our error, never a `SyntaxError` or `TypeError`. */
export const UNREADABLE: Error = expect.objectContaining({ name: 'AuditError', code: 'UNREADABLE' });

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
