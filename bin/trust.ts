import type { readKeptCheckpoints } from './kept-checkpoints';

/** What a check may rely on: all that comes from elsewhere than what is checked. */
export interface Trust {
  /** Verifier keys; undefined without any. */
  keys: string[] | undefined;
  checkpoints: ReturnType<typeof readKeptCheckpoints> | null;
  allowUntrustedKey: boolean;
}
