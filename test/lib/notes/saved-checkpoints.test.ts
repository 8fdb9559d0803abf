import { selectSavedCheckpoint, parseSavedCheckpoints } from '../../../lib/notes/saved-checkpoints';

const noteOf = (origin: string, size: number): string => `${origin}\n${size}\n${'A'.repeat(43)}=\n`;
const sizeIn = (text: string, origin: string, size?: number): number | null => {
  const kept = parseSavedCheckpoints(text);
  return kept && (selectSavedCheckpoint(kept, origin, size)?.head.size ?? null);
};

it('is one note alone, which is meant whatever it is compared with', () => {
  expect(sizeIn(noteOf('a/t', 3), 'another/t')).toBe(3);
});

describe('a file of notes', () => {
  const notes = [noteOf('a/t', 3), noteOf('a/t', 9), noteOf('b/t', 5), noteOf('a/t', 6)];
  const file = `torn"\n${notes.map((note) => JSON.stringify(note)).join('\n')}\n7\n"half`;

  it('gives the newest of the chain, but none that is newer than the file if there is another', () => {
    expect(sizeIn(file, 'a/t')).toBe(9);
    expect(sizeIn(file, 'a/t', 8)).toBe(6);
    expect(sizeIn(file, 'a/t', 2)).toBe(3);
    expect(sizeIn(file, 'b/t', 2)).toBe(5);
  });

  it('gives none where there is none of the chain', () => {
    expect(sizeIn(file, 'c/t')).toBeNull();
  });
});

it('may be the last line of an export', () => {
  const record = { keys: [], note: noteOf('a/t', 4), type: 'checkpoint' };
  expect(sizeIn(`${JSON.stringify(record)}\n`, 'a/t')).toBe(4);
});

it.each(['', '\n', 'text\n', '"text"\n', '{"note":1}\n', 'null\n', '[]\n'])('is nothing in %j', (text) => {
  expect(parseSavedCheckpoints(text)).toBeNull();
});
