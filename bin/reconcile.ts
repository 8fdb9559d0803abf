import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { ledgerOf } from '../lib/audit';
import { isAuditError } from '../lib/errors';
import { type Finding, RECONCILED, type ReconcileOptions, type ReconcileReport } from '../lib/reconcile';
import { attempt } from '../lib/util/attempt';
import { isObject } from '../lib/util/complaints';
import { reconcile as reconcileModels } from '../models/reconcile/reconcile';
import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments, type Values } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { describeReason, InputError, UsageError } from './failure';
import { type OpenedLedger, withLedger } from './ledger';
import { loadModule } from './loaded-module';
import { print, printJson } from './out';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  tenant: { type: 'string' },
  model: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean' },
  baseline: { type: 'boolean' },
  follow: { type: 'boolean' },
  limit: { type: 'string' },
  grace: { type: 'string' },
  every: { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Given = Values<typeof OPTIONS>;

/** How long `--follow` waits between two looks, in seconds: where the server tells its changes, and where all are compared. */
const BETWEEN_CHANGES = 2;
const BETWEEN_RUNS = 60;

/** A model of the application's Mongoose, as far as it is looked at here. */
interface Model {
  modelName: string;
  [RECONCILED]?: unknown;
}

/** `audit-ledger reconcile`: changes that no event tells of. */
export async function reconcile(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const models = modelsOf(values.model ?? []);
  const options: ReconcileOptions = {
    ...{ models, tenantId: values.tenant, dryRun: values['dry-run'], baseline: values.baseline },
    limit: numberIn('limit', values.limit),
    graceMs: thousandfold(numberIn('grace', values.grace)),
  };
  const every = numberIn('every', values.every);
  return withLedger(parseDatabase(values), async (opened) => {
    let { report, place } = await look(opened, options, values, readState(values.state));
    while (values.follow) {
      await sleep(1000 * (every ?? (report.by === 'following' ? BETWEEN_CHANGES : BETWEEN_RUNS)));
      ({ report, place } = await look(opened, options, values, place));
    }
    return report.changed + report.created + report.deleted > 0 ? EXIT.broken : EXIT.ok;
  });
}

/** One run, which says what it has found. */
async function look(
  { connection, audit }: OpenedLedger,
  options: ReconcileOptions,
  { json, state }: Given,
  position: string | undefined,
): Promise<{ report: ReconcileReport; place: string }> {
  const place = { db: connection.db as mongoose.mongo.Db, bson: mongoose.mongo };
  const onFinding = (finding: Finding) => (json ? printJson({ finding }) : print(describeFinding(finding)));
  try {
    const ledger = ledgerOf(audit({})).reconciled;
    const report = await reconcileModels(ledger, { ...options, position, onFinding }, place);
    if (state !== undefined) writeFileSync(state, `${report.position}\n`);
    const { findings: _, ...counts } = report;
    if (json) printJson({ report: counts });
    else print(...describe(report));
    return { report, place: report.position };
  } catch (error) {
    if (isAuditError(error)) throw new InputError(describeReason(error).replace(/\.$/, ''));
    throw error;
  }
}

function describeFinding({ kind, type, resource, tenantId, changed }: Finding): string {
  const what = kind === 'changed' && changed.length > 0 ? `changed (${changed.join(', ')})` : kind;
  return `${tenantId}: ${type} ${resource} was ${what} without an event`;
}

function describe(report: ReconcileReport): string[] {
  const { by, documents, entries, changed, created, deleted, noHistory, baselined, busy, untold } = report;
  const looked =
    by === 'following'
      ? `${entries} changes were followed`
      : `${documents} documents were compared with the trail`;
  const found = `without an event ${changed} changed, ${created} created, ${deleted} deleted`;
  const others = [
    [noHistory, `have no history${baselined > 0 ? `, ${baselined} of them recorded as they are` : ''}`],
    [busy, 'changed all the time'],
    [untold, 'have ids that do not tell'],
  ] as const;
  const hidden = Object.entries(report.notCompared).filter(([, paths]) => paths.length > 0);
  return [
    `${looked}: ${found}`,
    ...others.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])),
    ...hidden.map(([type, paths]) => `not compared of ${type}: ${paths.join(', ')}`),
    ...(report.isComplete ? [] : ['not all was looked at: go on with --state']),
  ];
}

/** The models that files export or make, and those of them that are named. */
function modelsOf(given: readonly string[]): Model[] {
  const files = given.filter((one) => existsSync(one));
  const names = given.filter((one) => !files.includes(one));
  if (files.length === 0) throw new UsageError('--model must name a JavaScript module that exports models');
  const all = [...new Set(files.flatMap(modelsIn))];
  for (const name of names)
    if (!all.some(({ modelName }) => modelName === name))
      throw new InputError(
        `There is no model ${JSON.stringify(name)} with auditChanges in ${files.join(', ')}`,
      );
  return names.length === 0 ? all : all.filter(({ modelName }) => names.includes(modelName));
}

function modelsIn(file: string): Model[] {
  const load = createRequire(resolve(file));
  const exported = loadModule(file);
  const own = [
    exported,
    ...valuesOf(exported),
    ...valuesOf((exported as { default?: unknown } | null)?.default),
  ];
  const models = [...own, ...own.flatMap(modelsOn), ...modelsOn(attempt(() => load('mongoose') as unknown))];
  const watched = models.filter(isWatched);
  if (watched.length > 0) return watched;
  throw new InputError(`${file} has no model whose schema has the plugin auditChanges`);
}

/** The models of a connection, or of Mongoose on its default one. */
function modelsOn(value: unknown): unknown[] {
  return isObject(value) ? valuesOf(value['models']) : [];
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function isWatched(value: unknown): value is Model {
  return typeof value === 'function' && (value as unknown as Model)[RECONCILED] !== undefined;
}

function readState(file: string | undefined): string | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  return readFileSync(file, 'utf8').trim() || undefined;
}

function numberIn(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new UsageError(`--${name} must be a number, got ${JSON.stringify(value)}`);
  return number;
}

function thousandfold(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : 1000 * seconds;
}
