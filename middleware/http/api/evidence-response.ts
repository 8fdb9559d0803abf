import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Ledger } from '../../../lib/ledger';

/**
 * Sends evidence. What goes wrong here breaks the connection: the file must not look whole. That is told to the operator,
 * unless it was the client who went away.
 */
export async function sendEvidence(evidence: Readable, res: Response, ledger: Ledger): Promise<void> {
  // Once the client has gone, the evidence is destroyed, and says that this is an error.
  evidence.once('error', (error) => {
    if (!res.closed) ledger.report(error);
  });
  await pipeline(evidence, res).catch(() => res.destroy());
}
