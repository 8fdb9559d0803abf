import type { VerifyOptions } from './options';
import { ChainCheck, type Problem } from '../chain/chain-check';
import type { CheckpointCopies } from '../checkpoints/copies-file';
import { checkpointOrigin } from '../notes/checkpoint';
import type { SigningKey } from '../checkpoints/signing-key';
import { readKnownHead, walkToEnd } from '../store/known-chain';
import type { Store } from '../store/store';
import { AnchorCheck } from './anchor-check';
import { readGivenCheckpoint } from './given-checkpoint';
import type { Anchor } from '../vocabulary';
import { readStatementInFile, readStatementInSystem, createTrust } from './tree-statements';
import { sha256 } from '../crypto/node';

/** Problems that a report holds at most; `problemCount` counts all. */
const REPORTED = 100;

/** What a walk over one tenant's chain found. */
export interface VerificationReport {
  tenantId: string;
  verdict: 'intact' | 'broken';
  /** What holds the chain's beginning in place: the strongest checkpoint that agrees with it. */
  anchor: Anchor;
  /** Entries in the chain: the highest `seq`. */
  size: number;
  /** Entries that the anchor covers. What comes after could be cut or rewritten unseen. */
  anchoredSize: number;
  problemCount: number;
  /** The first 100 problems, in the order of the chain. */
  problems: Problem[];
}

/** What verification works with. */
export interface VerifyParts {
  store: Store;
  ledger: string;
  key: SigningKey | null;
  file: CheckpointCopies | null;
  /** Ends the walk once nobody waits for it. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a tenant's whole chain, hashes each entry again, follows the links, and compares the tree with all checkpoints
 * that can be had, in constant memory. Entries that are recorded meanwhile are left to the next run. Tampering is a
 * result, not an error.
 * @throws AuditError `INVALID_QUERY` for a checkpoint or key that cannot be used, `STORE_UNAVAILABLE`.
 */
export async function verifyChain(
  tenantId: string,
  { store, ledger, key, file, signal }: VerifyParts,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const origin = checkpointOrigin(ledger, tenantId);
  const pinned = readGivenCheckpoint(options, origin, key);
  const trust = createTrust(origin, key, options.keys ?? []);
  // Before the end is known: what is stated of the chain now is in it by then.
  const others = [
    ...(await readStatementInFile(file, trust)),
    ...(await readStatementInSystem(tenantId, store)),
  ];
  const anchors = await AnchorCheck.begin(tenantId, store, trust, [...pinned, ...others]);
  const check = new ChainCheck(tenantId, sha256);
  const problems: Problem[] = [];
  let problemCount = 0;
  const report = (found: Problem[]) => {
    problemCount += found.length;
    problems.push(...found.slice(0, REPORTED - problems.length));
  };
  const end = (await readKnownHead(tenantId, anchors.longest, store))?.seq ?? Infinity;
  report(await anchors.compare()); // what is stated of the empty tree
  for await (const readings of walkToEnd({ tenantId, end, signal }, store)) {
    for (const reading of readings) {
      report(check.next(reading));
      if (anchors.next(reading)) report(await anchors.compare());
    }
  }
  report(await anchors.end(check.size));
  const verdict = problemCount === 0 ? 'intact' : 'broken';
  return { tenantId, verdict, ...anchors.result, size: check.size, problemCount, problems };
}
