/** Whether an error says that a file is not there: another process may have thought this one gone, and taken it over. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Does what is not needed where the file is not there any more. */
export function ignoreMissing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
