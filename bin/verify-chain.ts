import { checkpointOrigin } from '../lib/notes/checkpoint';
import { selectSavedCheckpoint } from '../lib/notes/saved-checkpoints';
import type { VerificationReport } from '../lib/verify/verify-chain';
import type { DatabaseName } from './arguments';
import { describeChain } from './describe-chain';
import { EXIT, type Outcome } from './exit-code';
import { InputError, describeReason } from './failure';
import { ifInterrupted } from './interrupt';
import { ledgerIn, type OpenedLedger, storedLedger, withLedger } from './ledger';
import { note, print, printJson } from './out';
import { ENTRIES, Progress } from './progress';
import { safeLine } from './safe-text';
import type { Trust } from './trust';

/** Which chain is to be checked. */
export interface AskedChain {
  database: DatabaseName;
  tenantId: string;
  /** As `createAudit` was given it, where the caller says so. */
  ledger: string | undefined;
}

/** What became of it. */
interface CheckedChain {
  ledger: string;
  report: VerificationReport;
}

/** Checks a tenant's chain in the database, and writes nothing there. */
export async function verifyChain(asked: AskedChain, trust: Trust, json: boolean): Promise<Outcome> {
  const { tenantId } = asked;
  try {
    const { ledger, report } = await withLedger(asked.database, (opened) => check(asked, trust, opened));
    const exitCode = chainOutcome(report, trust);
    if (json) printJson({ tenantId, exitCode, error: null, report });
    else print(...describeChain(report, ledger, exitCode));
    return exitCode;
  } catch (error) {
    const why = describeReason(error);
    if (json) printJson({ tenantId, exitCode: EXIT.unchecked, error: why, report: null });
    else note(`${JSON.stringify(tenantId)}: could not be checked: ${why}`);
    return EXIT.unchecked;
  }
}

async function check(
  { tenantId, ledger: given }: AskedChain,
  trust: Trust,
  { store, audit }: OpenedLedger,
): Promise<CheckedChain> {
  const ledger = given ?? openLedger(trust, tenantId) ?? (await storedLedger(store, tenantId)) ?? 'localhost';
  const checkpoint = selectPin(trust, checkpointOrigin(ledger, tenantId));
  const progress = new Progress(safeLine(tenantId), ENTRIES, process.stderr);
  progress.total = (await store.head(tenantId))?.seq ?? null;
  store.progress = progress;
  const forget = ifInterrupted(() => progress.end());
  try {
    const report = await audit({ ledger }).verify({ tenantId, checkpoint, keys: trust.keys });
    return { ledger, report };
  } finally {
    progress.end();
    forget();
  }
}

/** Under another name all stored checkpoints would seem to be another ledger's. */
function openLedger({ keys = [], checkpoints }: Trust, tenantId: string): string | null {
  const origins = [
    ...keys.map((key) => key.split('+')[0] ?? ''),
    ...(checkpoints?.all.map(({ head }) => head.origin) ?? []),
  ];
  return origins.map((origin) => ledgerIn(origin, tenantId)).find((ledger) => ledger !== null) ?? null;
}

function selectPin({ checkpoints }: Trust, origin: string): string | undefined {
  if (!checkpoints) return undefined;
  const kept = selectSavedCheckpoint(checkpoints, origin);
  if (kept) return kept.note;
  throw new InputError(`The file ${checkpoints.path} of --checkpoint holds no checkpoint of ${origin}.`);
}

function chainOutcome({ verdict, anchor, size }: VerificationReport, trust: Trust): Outcome {
  if (verdict === 'broken') return EXIT.broken;
  const isHeld = anchor === 'pinned' || anchor === 'signed' || trust.allowUntrustedKey;
  return isHeld && size > 0 ? EXIT.ok : EXIT.unchecked;
}
