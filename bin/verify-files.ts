import { type FileHandle, open } from 'node:fs/promises';
import type { EvidenceReport } from '../lib/evidence/report';
import { verifyEvidence } from '../lib/evidence/verify-evidence';
import { describeEvidence } from './describe-evidence';
import { EXIT, type Outcome, worst } from './exit-code';
import { InputError, reasonOf } from './failure';
import { ifInterrupted } from './interrupt';
import { checkpointFor, type KeptCheckpoints } from './kept-checkpoints';
import { note, print, printJson } from './out';
import { BYTES, Progress } from './progress';
import { safeLine } from './safe-text';
import { peek } from './stated-head';
import type { Trust } from './verify';

const STANDARD_INPUT = '-';

/** Bytes that are read at a time. */
const CHUNK = 256 * 1024;

/** What became of one file. */
export interface CheckedFile {
  file: string;
  exitCode: Outcome;
  /** Why it could not be checked, where the report does not say that. */
  error: string | null;
  report: EvidenceReport | null;
}

/** Checks evidence files one after the other, and says of each what it proves. Gives the worst of their outcomes. */
export async function verifyFiles(files: readonly string[], trust: Trust, json: boolean): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const checked = await checkFile(file, trust);
    if (json) printJson(checked);
    else show(checked, outcomes.length > 0);
    outcomes.push(checked.exitCode);
  }
  return worst(outcomes);
}

function show(checked: CheckedFile, isFurther: boolean): void {
  if (isFurther) print('');
  if (checked.report) print(...describeEvidence(checked));
  else note(`${checked.file}: could not be checked: ${checked.error ?? ''}`);
}

async function checkFile(file: string, trust: Trust): Promise<CheckedFile> {
  const progress = new Progress(safeLine(file), BYTES, process.stderr);
  const forget = ifInterrupted(() => progress.end());
  try {
    const findings = await findingsOn(watched(await openFile(file, progress), progress), trust);
    const { report, error } = findings;
    return { file, exitCode: outcomeOf(findings, trust), error, report };
  } catch (error) {
    return { file, exitCode: EXIT.unchecked, error: reasonOf(error), report: null };
  } finally {
    progress.end();
    forget();
  }
}

async function openFile(file: string, progress: Progress): Promise<AsyncIterable<Uint8Array>> {
  if (file === STANDARD_INPUT) return process.stdin;
  const handle = await open(file, 'r');
  await assertReadable(handle, progress);
  return handle.createReadStream({ highWaterMark: CHUNK });
}

async function assertReadable(handle: FileHandle, progress: Progress): Promise<void> {
  const stat = await handle.stat();
  if (stat.isFile()) progress.total = stat.size;
  if (!stat.isDirectory()) return;
  await handle.close();
  throw new InputError('it is a folder; name the files in it');
}

async function* watched(chunks: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    progress.add(chunk.length);
    yield chunk;
  }
}

interface Findings {
  report: EvidenceReport;
  /** Whether the file says that it is evidence. */
  isEvidence: boolean;
  error: string | null;
}

async function findingsOn(file: AsyncIterable<Uint8Array>, trust: Trust): Promise<Findings> {
  const { keys, checkpoints } = trust;
  const allowUntrustedKey = trust.allowUntrustedKey || undefined;
  const { isEvidence, stated, stream } = await peek(file);
  const kept = checkpoints && stated && checkpointFor(checkpoints, stated.origin, stated.size);
  const report = await verifyEvidence(stream, { keys, allowUntrustedKey, checkpoint: kept?.note });
  const isCompared = !checkpoints || kept !== null || report.verdict === 'broken';
  return { report, isEvidence, error: isCompared ? null : noneOf(checkpoints, stated?.origin) };
}

function noneOf({ path }: KeptCheckpoints, origin = 'this file'): string {
  return `The file ${path} of --checkpoint holds no checkpoint of ${origin}: nothing was compared.`;
}

function outcomeOf({ report, isEvidence, error }: Findings, trust: Trust): Outcome {
  // What was to be evidence and is spoilt from its first record on is not intact; anything else cannot be checked.
  if (report.verdict === 'broken') return isEvidence || report.ledger !== null ? EXIT.broken : EXIT.unchecked;
  if (error !== null || report.size === 0) return EXIT.unchecked;
  return isHeld(report, trust) ? EXIT.ok : EXIT.unchecked;
}

/** A file that none of the keys given signed is broken: formats.md §5.1 rule 6. A comparison asked for must be possible. */
function isHeld({ anchor, anchoredSize, size, pin }: EvidenceReport, trust: Trust): boolean {
  const { keys, allowUntrustedKey } = trust;
  if (pin?.result === 'cannot tell') return false;
  return keys !== undefined || allowUntrustedKey || (anchor === 'pinned' && anchoredSize === size);
}
