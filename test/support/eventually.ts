import { setTimeout as wait } from 'node:timers/promises';
import { PATIENCE } from './patience';

/** How often it is tried again, in milliseconds. */
const INTERVAL = 30;

/** Resolves once what is expected has come true; fails as it does when it has not come true in time. */
export async function eventually(expectation: () => unknown): Promise<void> {
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
