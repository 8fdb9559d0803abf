import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Segment } from '../../../../lib/write/spool/segment';
import { until } from '../../../support/deadline';
import { temporaryFolder } from '../../../support/temporary';

const KIB = 1024;

function segmentIn(folder: string) {
  const path = join(folder, '1.jsonl');
  const errors: unknown[] = [];
  const removed: Segment[] = [];
  const segment = Segment.create(path, {
    failed: (error) => errors.push(error),
    removed: (segment) => removed.push(segment),
  });
  return { path, errors, removed, segment };
}

describe('a line', () => {
  it('is with the operating system when it has been appended', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    segment.append(Buffer.from('größe\n'));
    segment.append(Buffer.from('b\n'));
    expect(readFileSync(path, 'utf8')).toBe('größe\nb\n');
  });

  it('is read back from its place', () => {
    const { segment } = segmentIn(temporaryFolder());
    segment.append(Buffer.from('größe\n'));
    const { offset, length } = segment.append(Buffer.from('b\n'));
    expect(segment.read(offset, length).toString()).toBe('b\n');
  });

  it('is read as far as it goes when somebody else has cut the file', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    segment.append(Buffer.from('abcdef\n'));
    truncateSync(path, 3);
    expect(segment.read(0, 7).toString()).toBe('abc');
  });
});

describe('a segment', () => {
  it('refuses a file that is there already', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    expect(() => Segment.create(path, { failed: jest.fn(), removed: jest.fn() })).toThrow(/EEXIST/);
    segment.abandon();
  });

  it('stays small when all is recorded, and is used again', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    const [first, second] = [
      segment.append(Buffer.from(`${'x'.repeat(64 * KIB)}\n`)),
      segment.append(Buffer.from('a\n')),
    ];
    first.segment.release();
    expect(statSync(path).size).toBeGreaterThan(64 * KIB);
    second.segment.release();
    expect(statSync(path).size).toBe(0);
    const { offset, length } = segment.append(Buffer.from('b\n'));
    expect(segment.read(offset, length).toString()).toBe('b\n');
  });

  it('is not emptied after each line', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    segment.append(Buffer.from('a\n')).segment.release();
    expect(statSync(path).size).toBe(2);
  });

  it('goes with its last line once it takes no more', () => {
    const { path, removed, segment } = segmentIn(temporaryFolder());
    const place = segment.append(Buffer.from('a\n'));
    segment.seal();
    expect(existsSync(path)).toBe(true);
    place.segment.release();
    expect(existsSync(path)).toBe(false);
    expect(removed).toEqual([segment]);
  });

  it('has no trouble when another process has removed it', () => {
    const { path, errors, segment } = segmentIn(temporaryFolder());
    unlinkSync(path);
    segment.seal();
    expect(errors).toEqual([]);
  });

  it('stays when it is left with a line that is not recorded, also if that is recorded later', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    const place = segment.append(Buffer.from('a\n'));
    segment.abandon();
    place.segment.release();
    expect(readFileSync(path, 'utf8')).toBe('a\n');
  });

  it('closes no file of somebody else when it is left twice', () => {
    const { path, segment } = segmentIn(temporaryFolder());
    const place = segment.append(Buffer.from('a\n'));
    segment.abandon();
    const fd = openSync(path, 'r'); // gets the number that has just become free
    place.segment.release();
    segment.abandon();
    segment.seal();
    expect(() => closeSync(fd)).not.toThrow();
  });
});

describe('while a segment is put on the disk', () => {
  it('is removed at once when all is recorded', async () => {
    const { path, errors, segment } = segmentIn(temporaryFolder());
    const place = segment.append(Buffer.from('a\n'));
    segment.sync();
    segment.seal();
    place.segment.release();
    expect(existsSync(path)).toBe(false); // or the folder could not go
    await new Promise(setImmediate);
    expect(errors).toEqual([]);
  });

  it('is closed after that when it is left', async () => {
    const { path, errors, segment } = segmentIn(temporaryFolder());
    segment.append(Buffer.from('a\n'));
    segment.sync();
    segment.abandon();
    await until(() => closed(segment));
    expect(existsSync(path)).toBe(true);
    expect(errors).toEqual([]);
  });
});

function closed(segment: Segment): boolean {
  try {
    segment.read(0, 1);
    return false;
  } catch {
    return true;
  }
}
