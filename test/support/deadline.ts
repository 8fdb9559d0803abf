import { setTimeout as wait } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const INTERVAL = 20;

/** What ends a hang, in seconds: far longer than anything takes, or a busy machine would fail tests. */
const PATIENCE = 300;

/**
 * Resolves once a condition holds that nothing tells of.
 * @throws when it does not within five minutes
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
): Promise<void> {
  const deadline = Date.now() + PATIENCE * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${PATIENCE} s: ${what}`);
    await wait(INTERVAL);
  }
}
