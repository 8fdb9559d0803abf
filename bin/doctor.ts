import type { Entry } from '../lib/chain/entry';
import { parseCheckpointNote } from '../lib/notes/checkpoint-note';
import { isObject } from '../lib/util/complaints';
import { SYSTEM_TENANT } from '../lib/vocabulary';
import { inspectDatabase } from '../models/inspect';
import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments } from './arguments';
import { type Facts, findings, type TenantFacts } from './diagnosis';
import { EXIT, type Outcome } from './exit-code';
import { UsageError } from './failure';
import { type OpenedLedger, withLedger } from './ledger';
import { print, printJson } from './out';
import { lookIntoSpool } from './spool-facts';

const DAY = 86_400_000;

/** Tenants that are looked at one by one. */
const TENANTS = 200;

const OPTIONS = {
  ...DATABASE_OPTIONS,
  spool: { type: 'string' },
  'max-age': { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `audit-ledger doctor`: what is right about a deployment and what is not. It writes nothing. */
export async function doctor(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const maxAgeMs = parseAge(values['max-age']);
  const database = parseDatabase(values);
  const facts = await withLedger(database, (opened) => gather(opened, database.collections, values.spool));
  const found = findings(facts, { maxAgeMs, now: Date.now() });
  const isHealthy = found.every(({ level }) => level !== 'bad');
  if (values.json) printJson({ isHealthy, findings: found });
  else
    print(
      ...found.flatMap(({ level, about, says, mend }) => [
        `${MARKS[level]} ${about}: ${says}`,
        ...(mend === undefined ? [] : [`       ${mend}`]),
      ]),
      '',
      isHealthy ? 'Nothing is wrong.' : 'Something is wrong: see the lines that begin with "wrong".',
    );
  return isHealthy ? EXIT.ok : EXIT.broken;
}

const MARKS = { good: 'good  ', look: 'look  ', bad: 'wrong ', unknown: '?     ' } as const;

function parseAge(text = '86400'): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text) * 1000;
  throw new UsageError(`--max-age must be a number of seconds, got ${JSON.stringify(text)}`);
}

async function gather(
  { connection, store, audit }: OpenedLedger,
  prefix: string | undefined,
  spool: string | undefined,
): Promise<Facts> {
  const ledger = audit({});
  const names = await store.tenants();
  const last = async (action: string): Promise<Entry | null> =>
    (await ledger.list({ tenantId: SYSTEM_TENANT, action, limit: 1 }))[0] ?? null;
  const tenants: TenantFacts[] = [];
  for (const tenantId of names.slice(0, TENANTS))
    tenants.push(await lookAtTenant({ store, tenantId, list: (query) => ledger.list(query) }));
  const [oldest] = await store.readOutbox(1, 0);
  const started = await last('ledger.started');
  return {
    database: await inspectDatabase(connection, prefix),
    tenants,
    tenantCount: names.length,
    configuration:
      isObject(started?.metadata) && isObject(started.metadata['configuration'])
        ? started.metadata['configuration']
        : null,
    failure: await last('ledger.failure'),
    resumed: await last('ledger.resumed'),
    outbox: { count: await store.countOutbox(), oldest: oldest?.at ?? null },
    spool: spool === undefined ? null : lookIntoSpool(spool),
    keys: await store.keys(),
    streams: (await ledger.streams.status()).map(({ name, state, lag }) => ({
      name,
      state,
      lag: lag.entries,
    })),
  };
}

async function lookAtTenant({
  store,
  tenantId,
  list,
}: Pick<OpenedLedger, 'store'> & {
  tenantId: string;
  list: (query: { tenantId: string; action: string; resource: string; limit: number }) => Promise<Entry[]>;
}): Promise<TenantFacts> {
  const head = await store.head(tenantId);
  const size = head?.seq ?? 0;
  const since = await store.firstSince(tenantId, Date.now() - DAY);
  const [stated] = await list({
    tenantId: SYSTEM_TENANT,
    action: 'ledger.checkpoint',
    resource: tenantId,
    limit: 1,
  });
  let covered: number | null = null;
  let isSigned = false;
  for await (const { note } of store.checkpoints(tenantId, 'desc')) {
    try {
      const opened = parseCheckpointNote(note);
      [covered, isSigned] = [opened.size, opened.note.signatures.length > 0];
    } catch {
      covered = null; // verify says what is wrong with it
    }
    break;
  }
  return {
    tenantId,
    size,
    isAltered: head !== null && head.entry === null,
    newestAt: head?.entry?.recordedAt ?? null,
    ofLastDay: since === null ? 0 : Math.max(0, size - since + 1),
    covered,
    isSigned,
    checkpointAt: stated?.recordedAt ?? null,
  };
}
