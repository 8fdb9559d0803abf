import { mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../../../lib/event/id';
import { Folder, foreignFolders, readOwner } from '../../../../lib/write/spool/folder';
import { isOwnerName, NO_OWNER } from '../../../../lib/write/spool/owner';
import { temporaryFolder } from '../../../support/temporary';

/** A folder that a ledger elsewhere has left. */
function strange(directory: string, owner: string | null, segments: number[] = []): string {
  const path = join(directory, newId());
  mkdirSync(path);
  if (owner !== null) writeFileSync(join(path, owner), '');
  for (const number of segments) writeFileSync(join(path, `${String(number).padStart(16, '0')}.jsonl`), '');
  return path;
}

function claim(path: string): Folder | null {
  const left = readOwner(path);
  return left && Folder.claim(left);
}

describe('a new folder', () => {
  it('can be read by its user alone', () => {
    const { path } = Folder.create(join(temporaryFolder(), 'not', 'there', 'yet'));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const [owner = ''] = readdirSync(path);
    expect(statSync(join(path, owner)).mode & 0o777).toBe(0o600);
  });

  it('is not foreign to the process that made it', () => {
    const directory = temporaryFolder();
    Folder.create(directory);
    expect(foreignFolders(directory)).toEqual([]);
  });

  it('goes when it is left empty', () => {
    const directory = temporaryFolder();
    Folder.create(directory).abandon();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('may be taken over at once when it is left with segments', () => {
    const directory = temporaryFolder();
    const folder = Folder.create(directory);
    writeFileSync(folder.segmentPath(1), '');
    folder.abandon();
    expect(readdirSync(folder.path)).toEqual(['0000000000000001.jsonl', NO_OWNER]);
    expect(foreignFolders(directory).map(readOwner)).toEqual([
      expect.objectContaining({ isOwnerDead: true }),
    ]);
  });

  it('may be left twice', () => {
    const folder = Folder.create(temporaryFolder());
    folder.abandon();
    expect(() => folder.abandon()).not.toThrow();
  });
});

describe('segments', () => {
  it('come in the order of their numbers, and nothing else with them', () => {
    const folder = Folder.create(temporaryFolder());
    for (const number of [100_000_000, 2, 99_999_999, 10]) writeFileSync(folder.segmentPath(number), '');
    writeFileSync(join(folder.path, '.DS_Store'), '');
    expect(folder.segments().map((name) => parseInt(name))).toEqual([2, 10, 99_999_999, 100_000_000]);
  });
});

describe('when a folder is claimed', () => {
  it('has a new owner', () => {
    const path = strange(temporaryFolder(), NO_OWNER, [1]);
    const folder = claim(path);
    expect(folder?.segments()).toHaveLength(1);
    expect(readdirSync(path).filter(isOwnerName)).toEqual([expect.stringContaining(`owner.${process.pid}.`)]);
  });

  it('is got by one of two, also of one process', () => {
    const left = readOwner(strange(temporaryFolder(), NO_OWNER, [1]))!;
    expect([Folder.claim(left), Folder.claim(left)]).toEqual([expect.any(Folder), null]);
  });

  it('is got by one of two that both found a silent owner with our own number', () => {
    const directory = temporaryFolder();
    const former = Folder.create(directory);
    const left = readOwner(former.path)!;
    expect([Folder.claim(left), Folder.claim(left)]).toEqual([expect.any(Folder), null]);
    expect(former.touch()).toBe(false); // and it notices
  });

  it('does not look silent to others any more', () => {
    const path = strange(temporaryFolder(), 'owner.1.a.2.elsewhere', [1]);
    utimesSync(join(path, 'owner.1.a.2.elsewhere'), 1, 1);
    claim(path);
    expect(readOwner(path)?.touched).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is removed when nobody had it yet, unless something is in it', () => {
    const directory = temporaryFolder();
    expect(claim(strange(directory, null))).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
    const full = strange(directory, null, [1]);
    expect(claim(full)).toBeNull();
    expect(readdirSync(full)).toHaveLength(1);
  });

  it('is null when it is gone', () => {
    const path = strange(temporaryFolder(), NO_OWNER);
    const left = readOwner(path)!;
    renameSync(path, `${path}-moved`);
    expect(Folder.claim(left)).toBeNull();
    expect(readOwner(path)).toBeNull();
  });
});

describe('when a folder was taken over', () => {
  it('is foreign to its former owner, who leaves it alone', () => {
    const directory = temporaryFolder();
    const folder = Folder.create(directory);
    const [owner = ''] = readdirSync(folder.path);
    renameSync(join(folder.path, owner), join(folder.path, 'owner.1.a.2.elsewhere'));
    expect(folder.touch()).toBe(false);
    expect(foreignFolders(directory)).toEqual([folder.path]);
    folder.abandon();
    expect(readdirSync(folder.path)).toEqual(['owner.1.a.2.elsewhere']);
  });
});

describe('folders of others', () => {
  it('are those that a ledger made, whatever else is in the directory', () => {
    const directory = temporaryFolder();
    for (const name of ['lost+found', 'uploads', newId().toUpperCase()]) mkdirSync(join(directory, name));
    writeFileSync(join(directory, newId()), '');
    const path = strange(directory, NO_OWNER);
    expect(foreignFolders(directory)).toEqual([path]);
  });
});
