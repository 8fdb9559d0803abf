/**
 * The timers as they were when the package was loaded: those that an application's tests fake afterwards do not hold an
 * event back. They are called without a receiver, as Cloudflare asks.
 */
export const { setTimeout, clearTimeout } = globalThis;

/** Milliseconds, of a clock that is not set. */
export function monotonicNow(): number {
  return performance.now();
}

/** Waits, but not once `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
