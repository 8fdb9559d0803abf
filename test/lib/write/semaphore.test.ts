import { Semaphore } from '../../../lib/write/semaphore';

/** Work that ends when told to. */
function work() {
  let begun = false;
  let end: (error?: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return {
    run: async () => {
      begun = true;
      await done;
    },
    end: (error?: Error) => end(error),
    get begun() {
      return begun;
    },
  };
}

const turn = () => new Promise(setImmediate);

describe('turns', () => {
  it('let so many work at a time, and the others in the order in which they asked', async () => {
    const turns = new Semaphore(2);
    const works = Array.from({ length: 5 }, () => work());
    const all = Promise.all(works.map(({ run }) => turns.run(run)));
    const begun = () => works.map(({ begun }) => begun);
    expect(begun()).toEqual([true, true, false, false, false]);
    works[1]!.end();
    await turn();
    expect(begun()).toEqual([true, true, true, false, false]);
    works[0]!.end();
    works[2]!.end();
    await turn();
    expect(begun()).toEqual([true, true, true, true, true]);
    works[3]!.end();
    works[4]!.end();
    await all;
  });

  it('pass on what the work gives, and go on after it has failed', async () => {
    const turns = new Semaphore(1);
    const failing = work();
    const failed = turns.run(failing.run);
    const next = turns.run(() => Promise.resolve(5));
    failing.end(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe(5);
    await expect(turns.run(() => Promise.resolve(6))).resolves.toBe(6);
  });
});
