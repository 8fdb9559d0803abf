import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { watchSignals } from '../../bin/interrupt';
import { writeWhole } from '../../bin/output-file';
import { temporaryFolder } from '../support/temporary';

const text = () => Readable.from(['new']);

describe('a file that is written whole', () => {
  it('takes the place of a file, and of nothing else', async () => {
    const folder = temporaryFolder();
    const [file, link, directory] = ['file', 'link', 'directory'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    mkdirSync(directory);
    await expect(writeWhole(link, text())).rejects.toThrow(/symbolic link: give the file/);
    await expect(writeWhole(directory, text())).rejects.toThrow(/is no file/);
    await expect(writeWhole('/dev/null', text())).rejects.toThrow(/is no file/);
    expect(readFileSync(file, 'utf8')).toBe('old');
    await writeWhole(file, text());
    expect(readFileSync(link, 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['directory', 'file', 'link']);
  });

  it('is removed when somebody ends the program, from the moment when it is there', async () => {
    const folder = temporaryFolder();
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    watchSignals();
    let goOn: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (goOn = resolve));
    const writing = writeWhole(
      join(folder, 'file'),
      Readable.from(
        (async function* () {
          await going;
          yield 'new';
        })(),
      ),
    );
    while (!holdsAnything(folder)) await new Promise(setImmediate);
    process.emit('SIGINT');
    expect([readdirSync(folder), exit.mock.calls]).toEqual([[], [[130]]]);
    process.emit('SIGTERM'); // nobody hears either any more
    goOn();
    await expect(writing).rejects.toThrow(/ENOENT/);
    exit.mockRestore();
  });
});

/** Looks for as long as a file takes to be made beside this thread. */
function holdsAnything(folder: string): boolean {
  for (const end = performance.now() + 20; performance.now() < end;)
    if (readdirSync(folder).length > 0) return true;
  return false;
}
