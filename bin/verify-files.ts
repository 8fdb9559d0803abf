import type { CheckedFile } from './checked-file';
import { type FileHandle, open } from 'node:fs/promises';
import type { Beginning } from '../lib/evidence/check/file-beginning';
import { checkOutcome } from '../lib/evidence/check/check-outcome';
import type { EvidenceReport } from '../lib/evidence/check/report';
import { verifyEvidence } from '../lib/evidence/check/node';
import { selectSavedCheckpoint } from '../lib/notes/saved-checkpoints';
import { cutReport } from './cut-report';
import { describeEvidence } from './describe-evidence';
import { EXIT, type Outcome, worst } from './exit-code';
import { InputError, describeReason } from './failure';
import { ifInterrupted } from './interrupt';
import type { CheckpointsFile } from './kept-checkpoints';
import { note, print, printJson } from './out';
import { BYTES, Progress } from './progress';
import { safeLine } from './safe-text';
import { peek } from './peek-file';
import type { Trust } from './trust';

const STANDARD_INPUT = '-';

/** Bytes that are read at a time. */
const CHUNK = 256 * 1024;

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
    return { file, exitCode: exitCodeFor(findings, trust), error, report: cutReport(report) };
  } catch (error) {
    return { file, exitCode: EXIT.unchecked, error: describeReason(error), report: null };
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
  beginning: Beginning;
  error: string | null;
}

async function findingsOn(file: AsyncIterable<Uint8Array>, trust: Trust): Promise<Findings> {
  const { keys, checkpoints } = trust;
  const allowUntrustedKey = trust.allowUntrustedKey || undefined;
  const { beginning, stream } = await peek(file);
  const { stated } = beginning;
  const kept = checkpoints && stated && selectSavedCheckpoint(checkpoints, stated.origin, stated.size);
  const report = await verifyEvidence(stream, { keys, allowUntrustedKey, checkpoint: kept?.note });
  const isCompared = !checkpoints || kept !== null || report.verdict === 'broken';
  return { report, beginning, error: isCompared ? null : noneChecked(checkpoints, stated?.origin) };
}

function noneChecked({ path }: CheckpointsFile, origin = 'this file'): string {
  return `The file ${path} of --checkpoint holds no checkpoint of ${origin}: nothing was compared.`;
}

const EXIT_CODES = { held: EXIT.ok, broken: EXIT.broken, unchecked: EXIT.unchecked } as const;

function exitCodeFor({ report, beginning, error }: Findings, trust: Trust): Outcome {
  const { keys, allowUntrustedKey } = trust;
  const reliance = { hasKeys: keys !== undefined, allowUntrustedKey, isUncompared: error !== null };
  return EXIT_CODES[checkOutcome(report, beginning, reliance)];
}
