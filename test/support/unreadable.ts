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

/** Milliseconds that a call took, whatever it did. */
export function timeOf(call: () => unknown): number {
  const start = performance.now();
  try {
    call();
  } catch {
    // what it throws, others look at
  }
  return performance.now() - start;
}
