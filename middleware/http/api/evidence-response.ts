import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Ledger } from '../../../lib/ledger';

/**
 * Sends evidence. An error breaks the connection, so that the file does not look complete. The error is reported, unless
 * the client has disconnected.
 */
export async function sendEvidence(evidence: Readable, res: Response, ledger: Ledger): Promise<void> {
  // When the client disconnects, `pipeline` destroys the evidence, which emits an error too.
  evidence.once('error', (error) => {
    if (!res.closed) ledger.report(error);
  });
  await pipeline(evidence, res).catch(() => res.destroy());
}
