import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Comparison, compareWithBaseline } from '../lib/coverage/baseline';
import { toMarkdown } from '../lib/coverage/markdown';
import { readReport } from '../lib/coverage/read-report';
import { type CoverageReport, incomplete, mergeReports, routeName } from '../lib/coverage/report';
import { toSarif } from '../lib/coverage/sarif';
import { oneOf, readArguments, required, type Values } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { describeReason, InputError, UsageError } from './failure';
import { note, print, printJson } from './out';

const OPTIONS = {
  format: { type: 'string' },
  baseline: { type: 'string' },
  'write-baseline': { type: 'boolean' },
} as const;

/** `audit-ledger coverage`: the reports of `auditCoverage`, merged, and held to a list that only shrinks. */
export function coverage(args: string[]): Outcome {
  const { values, operands } = readArguments(args, OPTIONS);
  const { baseline } = values;
  const format = oneOf('format', values.format, ['markdown', 'sarif', 'json']);
  if (operands.length === 0)
    throw new UsageError('no FILE is given: name what auditCoverage().save() has written');
  if (values['write-baseline']) required('baseline', baseline);
  const report = mergeReports(operands.map((file) => readReport(read(file), file)));
  show(report, format);
  return baseline === undefined ? outcomeOf(incomplete(report).length === 0) : hold(report, baseline, values);
}

function show(report: CoverageReport, format: string): void {
  if (format === 'markdown') print(...toMarkdown(report).split('\n'));
  else printJson(format === 'sarif' ? toSarif(report) : report);
}

function hold(report: CoverageReport, file: string, given: Values<typeof OPTIONS>): Outcome {
  const known = readBaseline(file);
  if (given['write-baseline']) {
    const missing = incomplete(report).map(routeName);
    // Only ever shorter, but for the first one.
    const names = known === null ? missing : missing.filter((name) => known.includes(name));
    writeFileSync(file, `${JSON.stringify(names, null, 2)}\n`);
    return outcomeOf(missing.length === names.length);
  }
  if (known === null) throw new InputError(`${file} is not there: --write-baseline makes it`);
  const comparison = compareWithBaseline(report, known);
  note(...describe(comparison, file));
  return outcomeOf(comparison.added.length === 0 && comparison.done.length === 0);
}

function describe({ added, left, done }: Comparison, file: string): string[] {
  return [
    ...added.map((name) => `${name} records nothing, and is not in ${file}`),
    ...done.map((name) => `${name} is in ${file}, and needs it no more: --write-baseline takes it out`),
    ...(left.length > 0 ? [`${left.length} routes of ${file} are left`] : []),
  ];
}

/** Null where there is none. */
function readBaseline(file: string): string[] | null {
  if (!existsSync(file)) return null;
  const names = parsed(read(file));
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new InputError(`${file} is no list of routes such as ["POST /members"]`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${describeReason(error)}`);
  }
}

function outcomeOf(isComplete: boolean): Outcome {
  return isComplete ? EXIT.ok : EXIT.broken;
}
