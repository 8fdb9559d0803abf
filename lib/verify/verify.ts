import { ChainCheck, type Problem, type Reading } from '../chain/check';
import type { CheckpointFile } from '../merkle/checkpoint-file';
import { originOf } from '../merkle/checkpoint';
import { sha256 } from '../sha256';
import type { SigningKey } from '../signing-key';
import type { Store } from '../store';
import { AnchorCheck } from './anchor-check';
import { pinnedBy } from './pin';
import type { Anchor } from '../vocabulary';
import { statementInFile, statementInSystem, trustOf } from './statements';

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

/** What a chain is to be held against. */
export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere: a signed note. */
  checkpoint?: string | undefined;
  /** Verifier keys, beside the ledger's own, whose checkpoints count as signed. */
  keys?: readonly string[] | undefined;
}

/** What verification works with. */
export interface VerifyParts {
  store: Store;
  ledger: string;
  key: SigningKey | null;
  file: CheckpointFile | null;
}

/**
 * Reads a tenant's whole chain, hashes each entry again, follows the links, and compares the tree with all checkpoints
 * that can be had, in constant memory. Entries that are recorded meanwhile are left to the next run. Tampering is a
 * result, not an error.
 * @throws AuditError `INVALID_QUERY` for a checkpoint or key that cannot be used, `STORE_UNAVAILABLE`.
 */
export async function verifyChain(
  tenantId: string,
  { store, ledger, key, file }: VerifyParts,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const origin = originOf(ledger, tenantId);
  const pinned = pinnedBy(options, origin, key);
  const trust = trustOf(origin, key, options.keys ?? []);
  // Before the end is known: what is stated of the chain now is in it by then.
  const others = [...(await statementInFile(file, trust)), ...(await statementInSystem(tenantId, store))];
  const anchors = await AnchorCheck.begin(tenantId, store, trust, [...pinned, ...others]);
  const check = new ChainCheck(tenantId, sha256);
  const problems: Problem[] = [];
  let problemCount = 0;
  const report = (found: Problem[]) => {
    problemCount += found.length;
    problems.push(...found.slice(0, REPORTED - problems.length));
  };
  const end = (await store.head(tenantId))?.seq ?? Infinity;
  report(await anchors.compare()); // what is stated of the empty tree
  for await (const reading of upTo(end, store.walk({ tenantId }))) {
    report(check.next(reading));
    if (anchors.next(reading)) report(await anchors.compare());
  }
  report(await anchors.end(check.size));
  const verdict = problemCount === 0 ? 'intact' : 'broken';
  return { tenantId, verdict, ...anchors.result, size: check.size, problemCount, problems };
}

async function* upTo(end: number, portions: AsyncIterable<Iterable<Reading>>): AsyncIterable<Reading> {
  for await (const readings of portions) {
    for (const reading of readings) {
      if (reading.seq !== null && reading.seq > end) return;
      yield reading;
    }
  }
}
