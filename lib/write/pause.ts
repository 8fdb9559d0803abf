import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits. Rejects with an `AbortError` when `signal` is aborted.
 * @param ref whether the wait keeps the process alive
 */
export async function pause(ms: number, signal: AbortSignal, ref = true): Promise<void> {
  await wait(ms, undefined, { signal, ref });
}
