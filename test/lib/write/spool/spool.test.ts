import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { AuditError } from '../../../../lib/errors';
import { Spool } from '../../../../lib/write/spool/spool';
import { temporaryFolder } from '../../../support/temporary';

const MIB = 1024 * 1024;

function spoolIn(directory: string, maxBytes = 512 * MIB) {
  const errors: AuditError[] = [];
  const spool = new Spool({ directory }, maxBytes, (error) => errors.push(error));
  return { spool, errors };
}

/** All files of the spool's segments, by their paths. */
function segments(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true }) as string[];
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(directory, name))
    .sort();
}

describe('a spool', () => {
  it('keeps lines until they are released', () => {
    const directory = temporaryFolder();
    const { spool } = spoolIn(directory);
    const [a, b] = [spool.write('a\n'), spool.write('b\n')];
    a?.segment.release();
    b?.segment.release();
    spool.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves at its end what was not released', () => {
    const directory = temporaryFolder();
    const { spool } = spoolIn(directory);
    spool.write('a\n')?.segment.release();
    spool.write('b\n');
    spool.close();
    expect(segments(directory).map((path) => readFileSync(path, 'utf8'))).toEqual(['a\nb\n']);
  });

  it('may be closed twice', () => {
    const { spool } = spoolIn(temporaryFolder());
    spool.write('a\n');
    spool.close();
    expect(() => spool.close()).not.toThrow();
  });

  it('begins a new segment after 4 MiB, and removes those of which all is released', () => {
    const directory = temporaryFolder();
    const { spool } = spoolIn(directory);
    const line = `${'x'.repeat(MIB)}\n`;
    const places = Array.from({ length: 9 }, () => spool.write(line));
    expect(segments(directory)).toHaveLength(3);
    for (const place of places.slice(0, 8)) place?.segment.release();
    expect(segments(directory)).toHaveLength(1);
    spool.close();
  });

  it('stays where it is when the process changes its directory', () => {
    const directory = temporaryFolder();
    const { spool } = spoolIn(relative(process.cwd(), directory));
    expect(spool.directory).toBe(directory);
    spool.close();
  });

  it('throws when its directory is a file, naming it', () => {
    const directory = join(temporaryFolder(), 'file');
    writeFileSync(directory, '');
    expect(() => spoolIn(directory)).toThrow(directory);
  });
});

describe('when a spool is full', () => {
  it('takes nothing, says so once, and takes lines again when there is room', () => {
    const { spool, errors } = spoolIn(temporaryFolder(), 10);
    const place = spool.write('12345678\n');
    expect([spool.write('a\n'), spool.write('b\n')]).toEqual([null, null]);
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'SPOOL_UNWRITABLE',
        message: expect.stringContaining('limits.spoolBytes 10'),
      }),
    ]);
    place?.segment.release();
    expect(spool.write('a\n')).not.toBeNull();
    expect(spool.write('123456789\n')).toBeNull();
    expect(errors).toHaveLength(2);
    spool.close();
  });

  it('counts bytes, not characters', () => {
    const { spool } = spoolIn(temporaryFolder(), 10);
    expect(spool.write('üüüüü\n')).toBeNull();
    spool.close();
  });
});

describe('when its folder was taken over', () => {
  it('begins anew and leaves the old one alone', () => {
    const directory = temporaryFolder();
    const { spool } = spoolIn(directory);
    const place = spool.write('a\n');
    const [old = ''] = readdirSync(directory);
    const [owner = ''] = readdirSync(join(directory, old)).filter((name) => name.startsWith('owner'));
    renameSync(join(directory, old, owner), join(directory, old, 'owner.1.x.2.elsewhere'));

    expect(spool.touch()).toBe(false);
    spool.write('b\n');
    expect(spool.touch()).toBe(true);
    expect(segments(directory).map((path) => readFileSync(path, 'utf8'))).toEqual(['a\n', 'b\n']);
    expect(place?.segment.read(0, 2).toString()).toBe('a\n');
    spool.close();
    expect(readdirSync(join(directory, old))).toContain('owner.1.x.2.elsewhere');
  });
});

describe('when its directory was removed', () => {
  it('reports that once, and begins anew', () => {
    const directory = temporaryFolder();
    const { spool, errors } = spoolIn(directory);
    rmSync(directory, { recursive: true });
    expect([spool.write('a\n'), spool.write('b\n')]).toEqual([null, null]);
    expect(errors).toHaveLength(1);
    expect(spool.touch()).toBe(false);
    expect(spool.write('c\n')).not.toBeNull();
    spool.close();
  });
});
