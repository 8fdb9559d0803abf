import { setTimeout as wait } from 'node:timers/promises';

/**
 * Resolves once a condition holds that nothing tells of.
 * @throws when it does not within the time, in milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limit = 20_000,
  what = String(condition),
): Promise<void> {
  for (const begun = performance.now(); !(await condition()); await wait(20))
    if (performance.now() - begun > limit) throw new Error(`not within ${limit} ms: ${what}`);
}
