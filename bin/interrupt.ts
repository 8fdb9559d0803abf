import { EXIT } from './exit-code';

const cleanups = new Set<() => void>();

/** Has something done if the program is interrupted before the function that this gives is called. */
export function ifInterrupted(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
  };
}

/** Cleans up and ends when somebody ends the program. What it does must not wait. */
export function watchSignals(): void {
  const end = (code: number) => () => {
    for (const cleanup of cleanups) cleanup();
    process.exit(code);
  };
  process.once('SIGINT', end(EXIT.interrupted));
  process.once('SIGTERM', end(EXIT.terminated));
}

/** The first signal ends the program in order, instead of at once; a second one at once. */
export function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.removeAllListeners(signal);
      process.once(signal, () => resolve());
    }
  });
}
