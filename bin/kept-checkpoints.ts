import { type SavedCheckpoints, parseSavedCheckpoints } from '../lib/notes/saved-checkpoints';
import { InputError } from './failure';
import { readText } from './key-files';

/** The checkpoints in a file. */
export interface CheckpointsFile extends SavedCheckpoints {
  path: string;
}

/**
 * Reads the file of --checkpoint.
 * @throws InputError for a file without any checkpoint.
 */
export function readKeptCheckpoints(path: string): CheckpointsFile {
  const kept = parseSavedCheckpoints(readText(path, 'The file of --checkpoint'));
  if (kept) return { ...kept, path };
  const forms = 'neither a signed note nor a file of notes, a JSON string a line';
  throw new InputError(`The file ${path} of --checkpoint holds no checkpoint: it is ${forms}.`);
}
