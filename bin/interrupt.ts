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
