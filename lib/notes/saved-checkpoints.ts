import { isAuditError } from '../errors';
import { type CheckpointNote, parseCheckpointNote } from './checkpoint-note';

/** A checkpoint as it was kept, and what it says. Nothing is verified yet. */
export interface SavedCheckpoint {
  note: string;
  head: CheckpointNote;
}

/** Checkpoints that were kept elsewhere. */
export interface SavedCheckpoints {
  all: readonly SavedCheckpoint[];
  /** Whether it is one note alone, which is meant whatever it is compared with. */
  isSingle: boolean;
}

/**
 * Reads a signed note, or a file as `checkpoints.file` writes it: a JSON string a line. The last line of an export in
 * JSON Lines will do for one of these. A line that a crash has torn says nothing; null when there is no checkpoint.
 */
export function parseSavedCheckpoints(text: string): SavedCheckpoints | null {
  const single = tryParse(text);
  if (single) return { all: [single], isSingle: true };
  const all = text.split('\n').flatMap((line) => {
    const note = noteIn(line);
    return (note !== null && tryParse(note)) || [];
  });
  return all.length > 0 ? { all, isSingle: false } : null;
}

/**
 * The checkpoint to compare with a chain of that origin: the newest, but of those the newest that is not longer than
 * `size`, if there is one; null where none is of that origin. A single note is always the one.
 */
export function selectSavedCheckpoint(
  { all, isSingle }: SavedCheckpoints,
  origin: string,
  size = Infinity,
): SavedCheckpoint | null {
  if (isSingle) return all[0] ?? null;
  const [newest, ...older] = all
    .filter(({ head }) => head.origin === origin)
    .toSorted((a, b) => b.head.size - a.head.size);
  if (!newest) return null;
  return [newest, ...older].find(({ head }) => head.size <= size) ?? older.at(-1) ?? newest;
}

function tryParse(note: string): SavedCheckpoint | null {
  try {
    return { note, head: parseCheckpointNote(note) };
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}

function noteIn(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    const note = typeof value === 'object' && value !== null && 'note' in value ? value.note : value;
    return typeof note === 'string' ? note : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
