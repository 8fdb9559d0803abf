import { clearTimeout, setTimeout } from '../../../lib/real-timers';
import { retryAfter } from '../allowance';
import { Problem } from '../api/problem';

/** When to try again, in seconds. */
const RETRY_AFTER = 2;

/** How long a key is looked for, in milliseconds. */
const PATIENCE = 5_000;

/** The problem of a ledger that takes nothing now. */
export function storeAway(code = 'STORE_UNAVAILABLE'): Problem {
  const detail = 'The ledger takes nothing now: send it again later, with the same id.';
  return new Problem(503, detail, code, { headers: retryAfter(RETRY_AFTER) });
}

/**
 * What a read of the database gives, if it comes soon.
 * @throws Problem 503 otherwise, and when it fails
 */
export async function patiently<Value>(reading: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storeAway()), PATIENCE);
  });
  try {
    return await Promise.race([reading, late]);
  } catch (cause) {
    throw Object.assign(storeAway(), { cause });
  } finally {
    clearTimeout(timer);
  }
}
