import { pause } from '../../../lib/write/pause';

describe('a pause', () => {
  it('ends early when nobody needs it any more', async () => {
    await expect(pause(60_000, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
