import { setTimeout as wait } from 'node:timers/promises';

/** How often it is tried again, in milliseconds, and what ends a hang. */
const [INTERVAL, PATIENCE] = [30, 300_000];

/** Resolves once what is expected has come true; fails as it does when it has not come true in time. */
export async function soon(expectation: () => unknown): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(INTERVAL);
    }
  }
}
