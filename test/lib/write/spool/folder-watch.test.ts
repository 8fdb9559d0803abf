import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../../../lib/event/id';
import type { Folder } from '../../../../lib/write/spool/folder';
import { FolderWatch } from '../../../../lib/write/spool/folder-watch';
import { leaveFolder, lineOf } from '../../../support/left-folder';
import { temporaryFolder } from '../../../support/temporary';

const ELSEWHERE = 'owner.1.x.2.elsewhere';
const watches: FolderWatch[] = [];
beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop();
  jest.useRealTimers();
});

function watchOf(directory: string, beat: () => void = () => undefined) {
  const adopted: Folder[] = [];
  const errors: unknown[] = [];
  const watch = new FolderWatch({
    directory,
    heartbeat: beat,
    claimed: (folder) => adopted.push(folder),
    failed: (error) => errors.push(error),
  });
  watches.push(watch);
  return { watch, adopted, errors };
}

describe('a folder that was given up', () => {
  it('is taken over at the next look, by one of two', () => {
    const directory = temporaryFolder();
    const path = leaveFolder(directory, [lineOf('a')]);
    const [first, second] = [watchOf(directory), watchOf(directory)];
    first.watch.scan();
    second.watch.scan();
    expect(first.adopted.map((folder) => folder.path)).toEqual([path]);
    expect(second.adopted).toEqual([]);
  });

  it('is found without a look: it is looked for every 2 s', () => {
    const directory = temporaryFolder();
    const { adopted } = watchOf(directory);
    leaveFolder(directory, [lineOf('a')]);
    jest.advanceTimersByTime(1_999);
    expect(adopted).toHaveLength(0);
    jest.advanceTimersByTime(1);
    expect(adopted).toHaveLength(1);
  });
});

describe('a folder whose owner is on another machine', () => {
  it('is taken over after 10 s of silence, and not before', () => {
    const directory = temporaryFolder();
    const silent = leaveFolder(directory, [lineOf('a')], ELSEWHERE);
    const living = leaveFolder(directory, [lineOf('b')], ELSEWHERE);
    // A silence that began long ago, by the clock of another machine, counts from when it was first seen.
    utimesSync(join(silent, ELSEWHERE), 1, 1);
    const { watch, adopted } = watchOf(directory);
    watch.scan();
    const pass = (seconds: number) => {
      for (let n = 0; n < seconds; n++) {
        utimesSync(join(living, ELSEWHERE), new Date(), new Date());
        jest.advanceTimersByTime(1_000);
      }
    };
    pass(9);
    expect(adopted).toEqual([]);
    pass(11);
    expect(adopted.map((folder) => folder.path)).toEqual([silent]);
  });
});

describe('what is no folder of a ledger', () => {
  it('stays, also after long silence', () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'lost+found'));
    mkdirSync(join(directory, newId())); // never had an owner: it goes after 10 s
    const { watch, adopted } = watchOf(directory);
    watch.scan();
    jest.advanceTimersByTime(60_000);
    expect(readdirSync(directory)).toEqual(['lost+found']);
    expect(adopted).toEqual([]);
  });
});

describe('trouble', () => {
  it('with a beat does not end the search, and is told of once until a beat succeeds', () => {
    const directory = temporaryFolder();
    leaveFolder(directory, []);
    let fails = true;
    const { watch, adopted, errors } = watchOf(directory, () => {
      if (fails) throw new Error('beat');
    });
    watch.scan();
    watch.scan();
    expect([errors.length, adopted.length]).toEqual([1, 1]);
    fails = false;
    watch.scan();
    fails = true;
    watch.scan();
    expect(errors).toHaveLength(2);
  });

  it('with the directory is told of once', () => {
    const { watch, errors } = watchOf(join(temporaryFolder(), 'gone'));
    watch.scan();
    watch.scan();
    expect(errors).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  });
});
