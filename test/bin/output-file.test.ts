import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
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
});
