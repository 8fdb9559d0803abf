import { type ActionList, definitionsIn } from '../lib/catalogue/define-actions';
import { compareWithStandards, standardsToMarkdown } from '../lib/catalogue/standards';
import type { Audit } from '../lib/audit';
import { ledgerOf } from '../lib/audit';
import {
  assertNoOperands,
  DATABASE_OPTIONS,
  oneOf,
  parseDatabase,
  readArguments,
  required,
  type Values,
} from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { InputError } from './failure';
import { withLedger } from './ledger';
import { exportOf } from './loaded-module';
import { print, printJson } from './out';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  tenant: { type: 'string' },
  config: { type: 'string' },
  format: { type: 'string' },
  language: { type: 'string' },
  standards: { type: 'boolean' },
} as const;

/** Names that are read at a time. */
const PORTION = 100;

/** `audit-ledger actions`: the catalogue of an application's actions, and what standards ask for against it. */
export async function actions(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const { language } = values;
  const format = oneOf('format', values.format, ['markdown', 'json']);
  const list = readConfig(required('config', values.config));
  if (!values.standards) {
    if (format === 'json') printJson(list.describe(language));
    else print(...list.toMarkdown(language).split('\n'));
    return EXIT.ok;
  }
  const rows = compareWithStandards(list.definitions, await namesInTrail(values));
  if (format === 'json') printJson(rows);
  else print(...standardsToMarkdown(rows).split('\n'));
  return rows.every(({ missing }) => missing.length === 0) ? EXIT.ok : EXIT.broken;
}

async function namesInTrail(given: Values<typeof OPTIONS>): Promise<string[] | undefined> {
  const { tenant } = given;
  if (tenant === undefined) return undefined;
  return withLedger(parseDatabase(given), ({ audit }) => allNames(audit({}), tenant));
}

/** What the ledger records of itself is in a chain of its own. */
async function allNames(audit: Audit, tenantId: string): Promise<string[]> {
  const { trail } = ledgerOf(audit);
  const read = async (of: string) => trail.actions({ tenantId: of, limit: PORTION });
  return [...new Set([...(await read(tenantId)), ...(await read('system'))])];
}

function readConfig(file: string): ActionList {
  const actions = exportOf(file, 'actions');
  if (definitionsIn(actions)) return actions as ActionList;
  throw new InputError(`${file} exports no \`actions\` that defineActions has made`);
}
