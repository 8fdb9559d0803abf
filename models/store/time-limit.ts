/** How long an operation may take, in milliseconds. */
const LIMIT = 60_000;

/**
 * What an operation gives, or an error when it gives nothing in time. Drivers lose operations for good: one that is sent
 * just when its socket breaks waits for a 'drain' that never comes (mongodb 7.8). Its connection is replaced meanwhile,
 * so the next try finds one that works.
 */
export async function withTimeLimit<T>(operation: Promise<T>, limit = LIMIT): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`The database has not answered within ${limit / 1000} s`);
    timer = setTimeout(() => reject(error), limit).unref();
  });
  try {
    return await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
  }
}
