import { ChainCheck, type Problem, type Reading } from '../chain/check';
import { sha256 } from '../sha256';
import type { Store } from '../store';

/** Problems that a report holds at most; `problemCount` counts all. */
const REPORTED = 100;

/** What a walk over one tenant's chain found. */
export interface VerificationReport {
  tenantId: string;
  verdict: 'intact' | 'broken';
  /** What holds the chain's end in place; without a checkpoint nothing does, and a cut tail cannot be seen. */
  anchor: 'none';
  /** Entries in the chain: the highest `seq`. */
  size: number;
  /** Entries that the anchor covers. */
  anchoredSize: number;
  problemCount: number;
  /** The first 100 problems, in the order of the chain. */
  problems: Problem[];
}

/**
 * Reads a tenant's whole chain, hashes each entry again and follows the links, in constant memory. Entries that are
 * recorded meanwhile are left to the next run. Tampering is a result, not an error.
 */
export async function verifyChain(tenantId: string, store: Store): Promise<VerificationReport> {
  const check = new ChainCheck(tenantId, sha256);
  const problems: Problem[] = [];
  let problemCount = 0;
  const end = (await store.head(tenantId))?.seq ?? Infinity;
  for await (const reading of upTo(end, store.walk(tenantId))) {
    const found = check.next(reading);
    problemCount += found.length;
    problems.push(...found.slice(0, REPORTED - problems.length));
  }
  const verdict = problemCount === 0 ? 'intact' : 'broken';
  return { tenantId, verdict, anchor: 'none', size: check.size, anchoredSize: 0, problemCount, problems };
}

async function* upTo(end: number, portions: AsyncIterable<Iterable<Reading>>): AsyncIterable<Reading> {
  for await (const readings of portions) {
    for (const reading of readings) {
      if (reading.seq !== null && reading.seq > end) return;
      yield reading;
    }
  }
}
