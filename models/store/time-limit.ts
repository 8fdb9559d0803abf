import { AuditError } from '../../lib/errors';
import { isTimeUp } from './error-codes';

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

/**
 * What somebody's question gives, which the server ends where it costs too much.
 * @throws AuditError `STORE_UNAVAILABLE` then
 */
export async function inTime<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isTimeUp(error)) throw error;
    const what = 'The database has ended a reading that took too long';
    throw new AuditError('STORE_UNAVAILABLE', `${what}: ask for less, or again later.`, { cause: error });
  }
}
