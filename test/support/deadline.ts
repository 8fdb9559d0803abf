import { setTimeout as wait } from 'node:timers/promises';
import { PATIENCE } from './patience';

/** How often a condition is looked at, in milliseconds. */
const INTERVAL = 20;

/**
 * Resolves once a condition holds that nothing tells of.
 * @throws when it does not within five minutes
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${PATIENCE / 1000} s: ${what}`);
    await wait(INTERVAL);
  }
}
