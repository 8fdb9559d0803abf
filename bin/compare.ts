import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Comparison, compareTenant, describeRuns, NumberSet } from '../lib/streams/compare';
import type { Store } from '../lib/store/store';
import { mapConcurrently } from '../lib/util/concurrency';
import { readDescription } from '../lib/streams/stream-options';
import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments, required } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { InputError, UsageError } from './failure';
import { withLedger } from './ledger';
import { print, printJson } from './out';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  stream: { type: 'string' },
  seqs: { type: 'string' },
  tenant: { type: 'string' },
  from: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** A number, or a run of them. */
const NUMBERS = /^(\d{1,15})(?:-(\d{1,15}))?$/;

/** `audit-ledger compare`: which entries the other side lacks, by a list of its numbers. */
export async function compare(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const stream = required('stream', values.stream);
  const file = required('seqs', values.seqs);
  const from = parseFrom(values.from);
  return withLedger(parseDatabase(values), async ({ store }) => {
    const row = (await store.streams()).find(({ name }) => name === stream);
    if (!row)
      throw new InputError(
        `There is no stream ${JSON.stringify(stream)}: \`audit-ledger stream status\` names them.`,
      );
    const cursors = await readCursors(store, stream);
    if (values.tenant !== undefined && !cursors.has(values.tenant))
      throw new InputError(
        `The stream has delivered nothing of the tenant ${JSON.stringify(values.tenant)}: compare its name, or wait for the stream.`,
      );
    const lists = await readNumbers(file, values.tenant, cursors);
    const description = readDescription(row.description);
    let isComplete = true;
    for (const [tenantId, cursor] of cursors) {
      if (values.tenant !== undefined && tenantId !== values.tenant) continue;
      const numbers = lists.get(tenantId) ?? new NumberSet(0);
      const task = { stream, description, tenantId, cursor, from, numbers };
      const found = await compareTenant(task, store);
      if (values.json) printJson(found);
      else print(...describe(found));
      isComplete &&= found.missingCount === 0;
    }
    return isComplete ? EXIT.ok : EXIT.broken;
  });
}

/** How far the stream is in each chain, which is never beyond its end, whatever is written there. */
async function readCursors(store: Store, stream: string): Promise<Map<string, number>> {
  const places = await mapConcurrently(
    await store.cursors(stream),
    async ({ tenantId, seq }) => [tenantId, Math.min(seq, (await store.head(tenantId))?.seq ?? 0)] as const,
  );
  return new Map(places);
}

function parseFrom(from: string | undefined): number {
  if (from === undefined) return 1;
  const number = Number(from);
  if (!Number.isSafeInteger(number) || number < 1) throw new UsageError('--from must be a number from 1');
  return number;
}

/** Lines of `tenant,number`; of numbers alone where a tenant is named. A first line that is none is the name of a column. */
async function readNumbers(
  file: string,
  tenant: string | undefined,
  cursors: ReadonlyMap<string, number>,
): Promise<Map<string, NumberSet>> {
  const lists = new Map<string, NumberSet>();
  const input = file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    const text = line.trim().replaceAll('"', '');
    if (text === '') continue;
    const comma = text.lastIndexOf(',');
    const whose = tenant ?? (comma < 0 ? undefined : text.slice(0, comma));
    const [, first, last = first] = NUMBERS.exec(text.slice(comma + 1).trim()) ?? [];
    if (whose === undefined || first === undefined) {
      if (number === 1) continue;
      throw new InputError(
        `Line ${number} of ${file} is no ${tenant === undefined ? 'tenant,number' : 'number'}`,
      );
    }
    const list = lists.get(whose) ?? new NumberSet(cursors.get(whose) ?? 0);
    lists.set(whose, list);
    list.add(Number(first), Number(last));
  }
  return lists;
}

function describe({ tenantId, expected, missing, missingCount, setAside }: Comparison): string[] {
  const what = missingCount === 0 ? 'none is missing' : `${missingCount} missing: ${describeRuns(missing)}`;
  const aside = setAside.length === 0 ? '' : `; set aside: ${setAside.join(', ')}`;
  return [`${tenantId}: of ${expected} entries ${what}${aside}`];
}
