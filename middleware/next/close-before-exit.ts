import type { Audit } from '../../lib/audit';

/** How long a ledger may take to close, in milliseconds. */
const LIMIT = 10_000;

/**
 * Closes ledgers when `next start` was told to stop (SIGTERM, SIGINT), has ended its requests and what follows them, and
 * is about to exit: only Next knows when that is, and says so by `process.exit` alone. Any other exit is left as it is.
 */
export function closeBeforeExit(...audits: Audit[]): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => (isStopping = true));
  const exit = process.exit.bind(process);
  process.exit = ((code) => {
    if (!isStopping) return exit(code);
    const closings = audits.map((audit) => audit.close({ timeoutMs: LIMIT }));
    void Promise.allSettled(closings).then(() => exit(code));
  }) as typeof process.exit;
}
