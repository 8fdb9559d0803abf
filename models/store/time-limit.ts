import { AuditError } from '../../lib/errors';
import { isTimeUp } from './error-codes';

/** How long an operation may take, in milliseconds. */
const LIMIT = 60_000;

/**
 * The result of an operation, or an error when it takes too long. Some operations never end: one that is sent when its
 * socket breaks waits for a 'drain' event that never comes (mongodb 7.8). The driver replaces the connection meanwhile,
 * so the next attempt can succeed.
 * @throws AuditError `STORE_UNAVAILABLE` for a reading that the server has ended by its `maxTimeMS`.
 */
export async function withTimeLimit<T>(operation: Promise<T>, limit = LIMIT): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Made when it is due: an error takes longer to make, for its stack, than the rest of this does.
    const expire = () => reject(new Error(`The database has not answered within ${limit / 1000} s`));
    timer = setTimeout(expire, limit).unref();
  });
  try {
    return await Promise.race([operation, late]);
  } catch (error) {
    if (!isTimeUp(error)) throw error;
    const what = 'The database has ended a reading that took too long';
    throw new AuditError('STORE_UNAVAILABLE', `${what}: ask for less, or again later.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
