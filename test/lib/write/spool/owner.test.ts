import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { isKnownDead, isOwnerName, NO_OWNER, newOwnerName } from '../../../../lib/write/spool/owner';

/** The name that this process's owner file would have with another number. */
function ownName(pid: number | string): string {
  return newOwnerName().replace(`.${process.pid}.`, `.${pid}.`);
}

describe("an owner's name", () => {
  it('is told from the names of segments', () => {
    expect([newOwnerName(), NO_OWNER].map(isOwnerName)).toEqual([true, true]);
    expect(isOwnerName('0000000000000001.jsonl')).toBe(false);
  });

  it('is another one each time', () => {
    expect(newOwnerName()).not.toBe(newOwnerName());
  });

  it('can name a file', () => {
    expect(newOwnerName()).toMatch(/^[\w.%~!*'()-]{1,255}$/);
  });
});

describe('an owner', () => {
  it('is gone when its number is that of no process', () => {
    const { pid } = spawnSync(process.execPath, ['--version']); // has ended
    expect(isKnownDead(ownName(pid))).toBe(true);
  });

  it('is gone when it gave its folder up', () => {
    expect(isKnownDead(NO_OWNER)).toBe(true);
  });

  it('may live when its process runs, also as another user', () => {
    expect(isKnownDead(ownName(process.ppid))).toBe(false);
    expect(isKnownDead(ownName(1))).toBe(false);
  });

  it('may live when it has our own number: another thread, or another copy of this package', () => {
    expect(isKnownDead(newOwnerName())).toBe(false);
  });

  it('may live on another machine, or in another container', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const host = encodeURIComponent(hostname());
    expect(isKnownDead(ownName(pid).replace(host, 'elsewhere'))).toBe(false);
    expect(isKnownDead(ownName(pid).replace(/\.\d+(?=\.[^.]*$)/, '.1'))).toBe(false);
  });

  it('is gone when its name is of here and has no number', () => {
    expect(isKnownDead(ownName('x'))).toBe(true);
    expect(isKnownDead(ownName('-1'))).toBe(true); // to kill(2), everybody
  });

  it('may live when its name says nothing', () => {
    expect(isKnownDead('owner.')).toBe(false);
  });
});
