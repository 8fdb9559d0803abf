import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Audit } from '../lib/audit';
import type { ExportQuery } from '../lib/read/export-query';
import {
  assertNoOperands,
  DATABASE_OPTIONS,
  parseDatabase,
  readArguments,
  required,
  type Values,
} from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { ifInterrupted } from './interrupt';
import { readSigningKey } from './key-files';
import { unlessRefused, withLedger } from './ledger';
import { note } from './out';
import { writeWhole } from './output-file';
import { ENTRIES, Progress } from './progress';
import { safeLine, safeLines } from './safe-text';
import { findLedgerName } from './stored-name';
import { userName } from './user-name';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  tenant: { type: 'string' },
  ledger: { type: 'string' },
  'signing-key': { type: 'string' },
  format: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'start-date': { type: 'string' },
  'end-date': { type: 'string' },
  actor: { type: 'string' },
  action: { type: 'string' },
  resource: { type: 'string' },
  outcome: { type: 'string' },
  'no-proof': { type: 'boolean' },
  by: { type: 'string' },
  out: { type: 'string' },
} as const;

/** `audit-ledger export`: evidence out of the database. */
export async function exportCommand(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const query = parseQuery(values);
  const keyFile = values['signing-key'];
  const signingKey = keyFile === undefined ? undefined : readSigningKey(keyFile);
  if (query.includeChainProof && signingKey === undefined)
    note('audit-ledger export: nobody signs this evidence; give a --signing-key to have it signed.');
  await withLedger(parseDatabase(values), async ({ store, audit }) => {
    if ((await store.head(query.tenantId)) === null)
      note(
        `audit-ledger export: the tenant ${JSON.stringify(query.tenantId)} had no entries: compare its name, and the database's.`,
      );
    const ledger = await findLedgerName(store, query.tenantId, values.ledger, signingKey !== undefined);
    const progress = new Progress(safeLine(query.tenantId), ENTRIES, targetFor(values.out));
    store.progress = progress;
    const forget = ifInterrupted(() => progress.end());
    try {
      await write(audit({ ledger, signingKey }), query, values.out);
    } finally {
      progress.end();
      forget();
    }
  });
  return EXIT.ok;
}

function parseQuery(values: Values<typeof OPTIONS>): ExportQuery & { tenantId: string } {
  const { tenant, from, to, format, actor, action, resource, outcome, by } = values;
  return {
    tenantId: required('tenant', tenant),
    format: format as ExportQuery['format'],
    from,
    to,
    startDate: values['start-date'],
    endDate: values['end-date'],
    actor,
    action,
    resource,
    outcome: outcome as ExportQuery['outcome'],
    includeChainProof: values['no-proof'] !== true,
    // Never the actor whose entries are asked for.
    exportedBy: by ?? userName(),
  };
}

/** Nothing is said of how far it is in the middle of the export itself. */
function targetFor(out: string | undefined): { isTTY?: boolean; write: (text: string) => unknown } {
  const isMixed = out === undefined && process.stdout.isTTY;
  return isMixed ? { write: () => undefined } : process.stderr;
}

async function write(audit: Audit, query: ExportQuery, out: string | undefined): Promise<void> {
  const text = await unlessRefused(audit, () => audit.exportEvidence(query));
  if (out !== undefined) await writeWhole(out, text);
  else
    await pipeline(process.stdout.isTTY ? Readable.from(shown(text)) : text, process.stdout, { end: false });
}

/** On a terminal, what entries hold must not control it. */
async function* shown(text: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of text)
    yield safeLines(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
}
