import { inTime, withTimeLimit } from '../../../models/store/time-limit';

describe('an operation with a limit', () => {
  it('gives what it gives in time, and its own error', async () => {
    expect(await withTimeLimit(Promise.resolve(1))).toBe(1);
    await expect(withTimeLimit(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('is a database away where the server has ended it by its own limit', async () => {
    const expired = Object.assign(new Error('operation exceeded time limit'), { code: 50 });
    await expect(inTime(Promise.reject(expired))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      status: 503,
      cause: expired,
    });
  });

  it('gives an error when it never ends', async () => {
    const lost = new Promise<never>(() => undefined);
    await expect(withTimeLimit(lost, 10)).rejects.toThrow('The database has not answered within 0.01 s');
  });
});
