import type { ReopeningStatement } from '../lib/checkpoints/reopening';
import {
  assertNoOperands,
  DATABASE_OPTIONS,
  parseDatabase,
  readArguments,
  required,
  type Values,
} from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { asUsageError, UsageError } from './failure';
import { readSigningKey } from './key-files';
import { unlessRefused, withLedger } from './ledger';
import { print, printJson } from './out';
import { findLedgerName } from './stored-name';
import { userName } from './user-name';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  tenant: { type: 'string' },
  reason: { type: 'string' },
  size: { type: 'string' },
  ledger: { type: 'string' },
  'signing-key': { type: 'string' },
  file: { type: 'string' },
  by: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `audit-ledger reopen`: opens a chain again whose end does not belong to it, or that was restored from a backup. */
export async function reopen(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const tenantId = required('tenant', values.tenant);
  const reason = required('reason', values.reason);
  const keyFile = values['signing-key'];
  const signingKey = keyFile === undefined ? undefined : readSigningKey(keyFile);
  const record = await withLedger(parseDatabase(values), async ({ store, audit }) => {
    const ledger = await findLedgerName(store, tenantId, values.ledger, signingKey !== undefined);
    const made = audit({ ledger, signingKey, checkpoints: { file: values.file } });
    const actor = values.by ?? userName();
    const work = () => made.reopen({ tenantId, reason, actor, size: sizeIn(values.size) });
    return unlessRefused(made, () =>
      work().catch((error: unknown) => Promise.reject(asUsageError(error) as Error)),
    );
  });
  if (values.json) printJson({ tenantId, record });
  else if (!record)
    print(
      `${JSON.stringify(tenantId)}: nothing was to be done: its end belongs to it${unlessKnown(values)}.`,
    );
  else print(...describe(record));
  return EXIT.ok;
}

/** The database alone may not remember what a restore has lost. */
function unlessKnown({ file }: Values<typeof OPTIONS>): string {
  return file === undefined ? ', as far as the database tells. After a restore, give --file as well' : '';
}

function describe(record: ReopeningStatement): string[] {
  const { tenantId, found, from, to, setAside, void: trees } = record;
  return [
    `${JSON.stringify(tenantId)}: opened again behind entry ${to.size}, where the end was ${from.size}.`,
    `  ${found}`,
    `  ${setAside.documents} documents were set aside, as ${setAside.name}; ${trees.length} checkpoints are void.`,
  ];
}

function sizeIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text)) throw new UsageError('--size must be a number of entries');
  return Number(text);
}
