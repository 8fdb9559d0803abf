/** How long an operation may take, in milliseconds: also as `maxTimeMS`, so that the server ends what nobody waits for. */
const TIME_LIMIT = 60_000;

/** An operation took too long: whether it was carried out is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * The result of an operation, or an error when it takes too long. Some operations never end: one that is sent when its
 * socket breaks waits for a 'drain' event that never comes (mongodb 7.8). The driver replaces the connection meanwhile,
 * so the next attempt can succeed.
 */
export async function withTimeLimit<T>(operation: Promise<T>, limit = TIME_LIMIT): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Made when it is due: an error takes longer to make, for its stack, than the rest of this does.
    const expire = () => reject(new NoAnswer(`The database has not answered within ${limit / 1000} s`));
    timer = setTimeout(expire, limit).unref();
  });
  try {
    return await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
  }
}
