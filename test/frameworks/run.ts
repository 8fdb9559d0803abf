import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../support/database-server';
import { Application } from './application';
import { CASES } from './cases';
import { Client } from './client';
import { Reader } from './ledgers';
import { type Column, matrixOf } from './matrix';
import { install, type Installed, pack } from './project';
import type { Case, Check, Outcome, Recorded } from './suite';

const APPS = readdirSync(join(__dirname, 'apps'), { withFileTypes: true })
  .filter((item) => item.isDirectory())
  .map(({ name }) => name)
  .sort();

/** Set to a folder, it keeps the installed projects: another run there is faster. */
const KEPT = process.env['FRAMEWORKS_FOLDER'];

/** Runs all cases on each application, or on those that are named, and prints the matrix. */
async function main(names: string[]): Promise<void> {
  const folder = KEPT ?? mkdtempSync(join(tmpdir(), 'audit-frameworks-'));
  mkdirSync(folder, { recursive: true });
  const database = await startDatabase();
  try {
    const tarball = pack(folder);
    const columns: Column[] = [];
    for (const name of names) {
      const installed = install(name, tarball, folder);
      const column = await tryOut(installed, database.uri);
      columns.push(column);
      for (const [row, fault] of column.faults) console.error(`${name}: ${row}: ${fault}`);
    }
    console.log(`\n${matrixOf(columns)}`);
    const failed = columns.flatMap(({ faults }) => [...faults.keys()]).length;
    console.log(`${columns.length * CASES.length - failed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await database.close();
    if (KEPT === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs all cases on an application, each with a tenant of its own, and ends it before anything is checked. */
async function tryOut({ folder, title, start, ...given }: Installed, uri: string): Promise<Column> {
  const dbName = `frameworks_${randomBytes(6).toString('hex')}`;
  const reader = await Reader.open(uri, dbName);
  const application = await Application.start(folder, start, { MONGODB_URI: uri, DB_NAME: dbName });
  try {
    const checks = new Map<string, Check | Error>();
    for (const { name, run } of CASES) {
      const entriesOf = (tenant: string) => reader.entriesOf(tenant);
      const client = new Client(agentOf(name), application.port, given.upload ?? 'raw', entriesOf);
      checks.set(name, await run(client).catch(toError));
    }
    const ended = await application.end();
    const [first, second] = [await reader.all('audit'), await reader.all('second')];
    const verdicts = [...first.verdicts, ...second.verdicts];
    const of = (name: string): Recorded => {
      const isOwn = ({ tenantId, context }: { tenantId: string; context?: Record<string, unknown> }) =>
        tenantId === agentOf(name) || context?.['userAgent'] === agentOf(name);
      const [entries, others] = [first.entries.filter(isOwn), second.entries.filter(isOwn)];
      return { entries, second: others, all: first.entries, verdicts, ended };
    };
    const outcomes = new Map<string, Outcome>();
    for (const [name, check] of checks) outcomes.set(name, await outcomeOf(check, of(name)));
    return columnOf(title, outcomes, given.impossible ?? {}, CASES);
  } finally {
    application.kill();
    await reader.close();
  }
}

async function outcomeOf(check: Check | Error, recorded: Recorded): Promise<Outcome> {
  if (check instanceof Error) return { passed: false, why: check.message };
  try {
    await check(recorded);
    return { passed: true };
  } catch (error) {
    return { passed: false, why: toError(error).message };
  }
}

/** What is said to be impossible has to fail, and be a case at all. */
function columnOf(
  title: string,
  outcomes: ReadonlyMap<string, Outcome>,
  impossible: Record<string, string>,
  cases: readonly Case[],
): Column {
  const faults = new Map<string, string>();
  for (const name of Object.keys(impossible))
    if (!cases.some((each) => each.name === name))
      faults.set(name, 'is said to be impossible, and is no case');
  for (const [name, outcome] of outcomes) {
    if (name in impossible && outcome.passed) faults.set(name, 'is said to be impossible, and passes');
    if (!(name in impossible) && !outcome.passed) faults.set(name, outcome.why);
  }
  return { title, impossible, faults };
}

/** The name of a case, as a tenant and a user agent. */
function agentOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const asked = process.argv.slice(2);
main(asked.length > 0 ? asked : APPS).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
