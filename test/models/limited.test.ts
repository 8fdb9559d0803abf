import { limited } from '../../models/limited';

describe('an operation with a limit', () => {
  it('gives what it gives in time, and its own error', async () => {
    expect(await limited(Promise.resolve(1))).toBe(1);
    await expect(limited(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('gives an error when it never ends', async () => {
    const lost = new Promise<never>(() => undefined);
    await expect(limited(lost, 10)).rejects.toThrow('The database has not answered within 0.01 s');
  });
});
