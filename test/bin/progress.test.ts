import { BYTES, ENTRIES, Progress } from '../../bin/progress';

function shownBy(isTTY: boolean, work: (progress: Progress, tick: (ms: number) => void) => void) {
  let now = 0;
  const shown: string[] = [];
  const target = { isTTY, columns: 60, write: (text: string) => shown.push(text) };
  const progress = new Progress('file', BYTES, target, () => now);
  work(progress, (ms) => (now += ms));
  return shown;
}

describe('on a terminal', () => {
  it('writes one line over and over, some times a second', () => {
    const shown = shownBy(true, (progress, tick) => {
      progress.total = 4 * 1024 * 1024;
      for (let i = 0; i < 4; i++) {
        tick(i === 3 ? 1000 : 1);
        progress.add(1024 * 1024);
      }
      progress.end();
    });

    expect(shown).toEqual([
      expect.stringMatching(/^\r\u001b\[Kfile: 1\.0 MiB of 4\.0 MiB, 25 %, 1000\.0 MiB\/s$/),
      expect.stringMatching(/^\r\u001b\[Kfile: 4\.0 MiB of 4\.0 MiB, 100 %, 4\.0 MiB\/s$/),
      '\r\u001b[K',
    ]);
  });

  it('never takes more than one line, and leaves nothing when there was nothing', () => {
    const target = { isTTY: true, columns: 30, write: jest.fn() };
    new Progress('x', ENTRIES, target).end();
    new Progress('a name that is longer than the line', ENTRIES, target, () => 0).add(1);

    expect(target.write.mock.calls).toEqual([['\r\u001b[K…ger than the line: 1 entries']]);
  });
});

it('counts entries by the second', () => {
  let now = 0;
  const target = { isTTY: true, write: jest.fn() };
  const progress = new Progress('chain', ENTRIES, target, () => now);
  now = 500;
  progress.add(1000);

  expect(target.write).toHaveBeenCalledWith('\r\u001b[Kchain: 1000 entries, 2000 entries/s');
});

it('says nothing where there is no terminal', () => {
  expect(
    shownBy(false, (progress) => {
      progress.add(1);
      progress.end();
    }),
  ).toEqual([]);
});
