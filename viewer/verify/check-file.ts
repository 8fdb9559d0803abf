import type { Watch } from './chunks';
import { BEGINNING_BYTES, type Beginning, readBeginning } from '../../lib/evidence/check/file-beginning';
import { type CheckOutcome, checkOutcome } from '../../lib/evidence/check/check-outcome';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { verifyStream } from '../../lib/evidence/check/verifier';
import { selectSavedCheckpoint } from '../../lib/notes/saved-checkpoints';
import { WEB_CRYPTO } from '../crypto';
import { chunksOf } from './chunks';
import type { Trust } from './trust';

/** Why a file was not read, or not to its end. */
export type Fault = 'badKey' | 'badCheckpoint' | 'unreadable';

/** A file that was read to its end, or as far as it has a meaning. */
export interface Checked {
  fault: null;
  outcome: CheckOutcome;
  report: EvidenceReport;
  isPlainExport: boolean;
  /** Whether checkpoints were given, none of which is of the file's chain. */
  isUncompared: boolean;
  hasKeys: boolean;
}

/** What became of a check. */
export type CheckResult = Checked | { fault: Fault; message: string };

/**
 * Checks one file, by the rules of the command line.
 * @throws the reason of `signal` when that ends the check.
 */
export async function checkFile(file: File, trust: Trust, watch: Watch): Promise<CheckResult> {
  if (trust.badKey !== null) return { fault: 'badKey', message: '' };
  if (trust.isBadCheckpoint) return { fault: 'badCheckpoint', message: '' };
  try {
    return await check(file, trust, watch);
  } catch (error) {
    watch.signal.throwIfAborted();
    return { fault: 'unreadable', message: String(error) };
  }
}

async function check(file: File, trust: Trust, watch: Watch): Promise<Checked> {
  const beginning = await beginningOf(file);
  const { checkpoints, allowUntrustedKey } = trust;
  const { stated } = beginning;
  const kept = checkpoints && stated && selectSavedCheckpoint(checkpoints, stated.origin, stated.size);
  const hasKeys = trust.keys.length > 0;
  const options = {
    keys: hasKeys ? trust.keys : undefined,
    checkpoint: kept?.note,
    allowUntrustedKey: allowUntrustedKey || undefined,
  };
  const report = await verifyStream(chunksOf(file, watch), options, WEB_CRYPTO);
  const isUncompared = checkpoints !== null && kept === null;
  const outcome = checkOutcome(report, beginning, { hasKeys, allowUntrustedKey, isUncompared });
  return { fault: null, outcome, report, isPlainExport: beginning.isPlainExport, isUncompared, hasKeys };
}

async function beginningOf(file: File): Promise<Beginning> {
  const bytes = await file.slice(0, BEGINNING_BYTES).arrayBuffer();
  return readBeginning(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}
