import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments, required } from './arguments';
import { UsageError } from './failure';
import { assertOneTrust, givenKeys, TRUST_OPTIONS } from './given-keys';
import { readKeptCheckpoints } from './kept-checkpoints';
import { verifyFiles } from './verify-files';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  ...TRUST_OPTIONS,
  tenant: { type: 'string' },
  ledger: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `audit-ledger verify`: evidence files, or with `--uri` or `--tenant` a chain in the database. */
export async function verify(args: string[]): Promise<number> {
  const { values, operands } = readArguments(args, OPTIONS);
  const { uri, db, collections, tenant, ledger, key, checkpoint, json = false } = values;
  assertOneTrust(values);
  givenKeys(key ?? []);
  const trust = {
    keys: key,
    checkpoints: checkpoint === undefined ? null : readKeptCheckpoints(checkpoint),
    allowUntrustedKey: values['allow-untrusted-key'] ?? false,
  };
  if ([uri, db, collections, tenant, ledger].every((value) => value === undefined))
    return verifyFiles(filesIn(operands), trust, json);
  assertNoOperands(operands);
  const asked = { database: parseDatabase(values), tenantId: required('tenant', tenant), ledger };
  const { verifyChain } = await import('./verify-chain.js');
  return verifyChain(asked, trust, json);
}

function filesIn(operands: string[]): string[] {
  if (operands.length === 0)
    throw new UsageError('name a file to check ("-" is standard input), or --uri and --tenant');
  if (operands.filter((name) => name === '-').length > 1)
    throw new UsageError('standard input, "-", can be read once');
  return operands;
}
