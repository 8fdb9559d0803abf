/** Whether an error means that a file is missing: another process may have claimed the folder of this one. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Runs `act`, and ignores that the file is missing. */
export function ignoreMissing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
