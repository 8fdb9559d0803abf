import { NODE_CRYPTO } from '../../crypto/node';
import type { VerifyEvidenceOptions } from './options';
import type { EvidenceReport } from './report';
import { type EvidenceStream, verifyStream } from './verifier';

/**
 * Verifies an evidence file on Node.js; no ledger and no database is needed. Without `keys` a file that is signed is
 * `self-signed` at best: whoever made it can have made its key.
 * @throws AuditError `INVALID_OPTIONS`, or `UNREADABLE` for what is no key, `CHECKPOINT_UNREADABLE` for what is no checkpoint; errors of the stream.
 */
export function verifyEvidence(
  stream: EvidenceStream,
  options: VerifyEvidenceOptions = {},
): Promise<EvidenceReport> {
  return verifyStream(stream, options, NODE_CRYPTO);
}
