import { isAuditError } from '../lib/errors';
import { type OpenedCheckpoint, openCheckpoint } from '../lib/merkle/stored-head';
import { InputError } from './failure';
import { readText } from './key-files';

/** A checkpoint as it was kept, and what it says. Nothing is verified yet. */
export interface KeptCheckpoint {
  note: string;
  head: OpenedCheckpoint;
}

/** Checkpoints that were kept elsewhere. */
export interface KeptCheckpoints {
  path: string;
  all: readonly KeptCheckpoint[];
  /** Whether the file is one note alone, which is meant whatever it is compared with. */
  isSingle: boolean;
}

/**
 * Reads a signed note, or a file as `checkpoints.file` writes it: a JSON string a line. A line that a crash has torn
 * says nothing.
 * @throws InputError for a file without any checkpoint.
 */
export function readKeptCheckpoints(path: string): KeptCheckpoints {
  const text = readText(path, 'The file of --checkpoint');
  const single = opened(text);
  if (single) return { path, all: [single], isSingle: true };
  const all = text.split('\n').flatMap((line) => {
    const note = stringIn(line);
    return (note !== null && opened(note)) || [];
  });
  if (all.length > 0) return { path, all, isSingle: false };
  const forms = 'neither a signed note nor a file of notes, a JSON string a line';
  throw new InputError(`The file ${path} of --checkpoint holds no checkpoint: it is ${forms}.`);
}

/**
 * The checkpoint to compare with a chain of that origin: the newest, but of those the newest that is not longer than
 * `size`, if there is one; null where none is of that origin. A single note is always the one.
 */
export function checkpointFor(
  { all, isSingle }: KeptCheckpoints,
  origin: string,
  size = Infinity,
): KeptCheckpoint | null {
  if (isSingle) return all[0] ?? null;
  const [newest, ...older] = all
    .filter(({ head }) => head.origin === origin)
    .toSorted((a, b) => b.head.size - a.head.size);
  if (!newest) return null;
  return [newest, ...older].find(({ head }) => head.size <= size) ?? older.at(-1) ?? newest;
}

function opened(note: string): KeptCheckpoint | null {
  try {
    return { note, head: openCheckpoint(note) };
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}

function stringIn(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
