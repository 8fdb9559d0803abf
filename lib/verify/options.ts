/** What a chain is to be held against. */
export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere: a signed note. */
  checkpoint?: string | undefined;
  /** Verifier keys, beside the ledger's own, whose checkpoints count as signed. */
  keys?: readonly string[] | undefined;
}
