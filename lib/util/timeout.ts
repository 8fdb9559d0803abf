/** Resolves when work has ended, or its time is up, in milliseconds; `Infinity` is no limit. */
export async function withTimeout(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  if (timeoutMs === Infinity) {
    await work;
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
