import { setTimeout as wait } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const INTERVAL = 20;

/** How long it may take in seconds: far longer than it does, or a busy machine would fail tests. */
const PATIENCE = 60;

/**
 * Resolves once a condition holds that nothing tells of.
 * @throws when it does not within a minute
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
