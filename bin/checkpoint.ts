import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments, required } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { ifInterrupted } from './interrupt';
import { readSigningKey } from './key-files';
import { unlessRefused, withLedger } from './ledger';
import { ENTRIES, Progress } from './progress';
import { safeLine, safeLines } from './safe-text';
import { findLedgerName } from './stored-name';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  tenant: { type: 'string' },
  ledger: { type: 'string' },
  'signing-key': { type: 'string' },
  file: { type: 'string' },
} as const;

/** `audit-ledger checkpoint`: signs the current state of a chain, and prints the note. */
export async function checkpoint(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const tenantId = required('tenant', values.tenant);
  const given = required('ledger', values.ledger);
  const signingKey = readSigningKey(required('signing-key', values['signing-key']));
  const signed = await withLedger(parseDatabase(values), async ({ store, audit }) => {
    const ledger = await findLedgerName(store, tenantId, given, true);
    const progress = new Progress(safeLine(tenantId), ENTRIES, process.stderr);
    store.progress = progress;
    const forget = ifInterrupted(() => progress.end());
    try {
      const made = audit({ ledger, signingKey, checkpoints: { file: values.file } });
      return await unlessRefused(made, () => made.checkpoint(tenantId));
    } finally {
      progress.end();
      forget();
    }
  });
  // Byte for byte, but on a terminal: others may have added signatures to what is stored.
  process.stdout.write(process.stdout.isTTY ? safeLines(signed) : signed);
  return EXIT.ok;
}
