import { appendFileSync, chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointCopies } from '../../../lib/checkpoints/copies-file';
import { LEDGER, newKey, noteBy } from '../../support/signing';
import { temporaryFolder } from '../../support/temporary';

const key = newKey();
const ORIGIN = `${LEDGER}/t`;
const root = (n: number) => new Uint8Array(32).fill(n);
const note = (size: number, of = size) => noteBy(key, 't', size, root(of));

let path: string;
let file: CheckpointCopies;
beforeEach(() => {
  path = join(temporaryFolder(), 'checkpoints');
  file = new CheckpointCopies(path);
});

const newest = async (origin = ORIGIN) => (await file.newest(origin))?.size ?? null;

describe('a file of checkpoints', () => {
  it('is made when it is first read, and tells of none', async () => {
    expect(await newest()).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('holds a JSON string a line', async () => {
    await file.append(note(1));
    await file.append(note(2));
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(note(1))}\n${JSON.stringify(note(2))}\n`);
  });

  it('tells of the largest of each origin, whoever appended it', async () => {
    await file.append(note(7));
    expect(await newest()).toBe(7);
    const other = new CheckpointCopies(path);
    await other.append(noteBy(key, 'u', 99, root(1)));
    await other.append(note(9));
    await other.append(note(8));
    expect(await newest()).toBe(9);
    expect(await newest(`${LEDGER}/u`)).toBe(99);
    expect(await newest(`${LEDGER}/nobody`)).toBeNull();
  });

  it('keeps to the first of two that state one size', async () => {
    await file.append(note(7, 1));
    await file.append(note(7, 2));
    expect((await file.newest(ORIGIN))?.root).toEqual(root(1));
  });

  it('is written whole by many at once', async () => {
    const sizes = Array.from({ length: 40 }, (_, i) => i + 1);
    await Promise.all(sizes.map((size) => new CheckpointCopies(path).append(note(size))));
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as string).sort()).toEqual(sizes.map((n) => note(n)).sort());
  });
});

describe('when a line is no checkpoint', () => {
  it.each<[string, string]>([
    ['is torn', JSON.stringify(note(3)).slice(0, 40)],
    ['is empty', '\n\n\n'],
    ['is a number', '7'],
    ['is an object', '{"note":1}'],
    ['is a text', '"checkpoint"'],
    ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
    ['is as long as what is read at a time', 'x'.repeat(1024 * 1024)],
    ['is longer than that', 'x'.repeat(3_000_000)],
  ])('says nothing, and hides nothing: one that %s', async (_, line) => {
    await file.append(note(2));
    appendFileSync(path, line);
    expect(await newest()).toBe(2);
    await file.append(note(5));
    expect(await newest()).toBe(5);
    file = new CheckpointCopies(path);
    expect(await newest()).toBe(5);
  });

  it('is read once it is whole', async () => {
    const line = `${JSON.stringify(note(4))}\n`;
    writeFileSync(path, line.slice(0, 50));
    expect(await newest()).toBeNull();
    appendFileSync(path, line.slice(50));
    expect(await newest()).toBe(4);
  });

  it('does not keep from reading many', async () => {
    const lines = Array.from(
      { length: 12_000 },
      (_, i) => `${JSON.stringify(noteBy(null, 't', i + 1, root(i)))}\n`,
    );
    writeFileSync(path, lines.join(''));
    expect(await newest()).toBe(12_000);
  });
});

describe('when the file is cut', () => {
  it('still knows what it held, and reads what is appended', async () => {
    await file.append(note(5));
    expect(await newest()).toBe(5);
    truncateSync(path);
    expect(await newest()).toBe(5);
    await file.append(note(6));
    expect(await newest()).toBe(6);
  });
});

describe('when it cannot be used', () => {
  it('says so, and goes on once it can', async () => {
    mkdirSync(path);
    const blocked = new CheckpointCopies(join(path, 'none', 'file'));
    await expect(blocked.append(note(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(blocked.newest(ORIGIN)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(file.append(note(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    mkdirSync(join(path, 'none'));
    await blocked.append(note(1));
    expect((await blocked.newest(ORIGIN))?.size).toBe(1);
    chmodSync(join(path, 'none', 'file'), 0o400);
    expect((await blocked.newest(ORIGIN))?.size).toBe(1);
  });
});
