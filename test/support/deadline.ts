import { setTimeout as wait } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const INTERVAL = 20;

/**
 * Resolves once a condition holds that nothing tells of.
 * @throws when it does not within `seconds`
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
  seconds = 20,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}`);
    await wait(INTERVAL);
  }
}
