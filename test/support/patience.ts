/** What ends a hang, in milliseconds: far longer than anything takes, or a busy machine would fail tests. */
export const PATIENCE = 300_000;
