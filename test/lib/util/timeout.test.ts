import { withTimeout } from '../../../lib/util/timeout';

const never = new Promise(() => undefined);

describe('a wait with a limit', () => {
  it('ends with the work, or when its time is up', async () => {
    await withTimeout(60_000, Promise.resolve());
    await withTimeout(10, never);
  });

  it('has no limit when none is given', async () => {
    let ended = false;
    await withTimeout(
      Infinity,
      new Promise((resolve) => setTimeout(resolve, 20)).then(() => (ended = true)),
    );
    expect(ended).toBe(true);
  });

  it('rejects with the work', async () => {
    await expect(withTimeout(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });
});
