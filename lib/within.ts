import { setTimeout as wait } from 'node:timers/promises';

/** Resolves when work has ended, or its time is up. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  if (timeoutMs === Infinity) {
    await work;
    return;
  }
  const timer = new AbortController();
  const timeout = wait(timeoutMs, undefined, { signal: timer.signal });
  await Promise.race([work, timeout]).finally(() => timer.abort());
}
