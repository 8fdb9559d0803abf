import type { Entry } from '../lib/chain/entry';
import { parseCheckpointNote } from '../lib/notes/checkpoint-note';
import { isAuditError } from '../lib/errors';
import { isObject } from '../lib/util/complaints';
import { SYSTEM_TENANT } from '../lib/vocabulary';
import { inspectDatabase } from '../models/inspect';
import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments } from './arguments';
import { type Facts, findings, type TenantFacts } from './diagnosis';
import { EXIT, type Outcome } from './exit-code';
import { describeReason, UsageError } from './failure';
import { type OpenedLedger, withLedger } from './ledger';
import { print, printJson } from './out';
import { unstatedKeys } from './key-facts';
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

/** Looks at each thing by itself: what cannot be looked at is said, and the rest is looked at all the same. */
class Looking {
  readonly unseen: Facts['unseen'] = [];

  async at<T>(about: string, look: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await look();
    } catch (error) {
      const isAltered = isAuditError(error) && error.code === 'ENTRY_ALTERED';
      this.unseen.push({ about, why: describeReason(error), isAltered });
      return otherwise;
    }
  }
}

async function gather(
  { connection, store, audit }: OpenedLedger,
  prefix: string | undefined,
  spool: string | undefined,
): Promise<Facts> {
  const ledger = audit({});
  const looking = new Looking();
  const names = await looking.at('tenants', () => store.tenants(), []);
  const newest = (action: string, resource?: string): Promise<Entry | null> =>
    looking.at(
      'the chain system',
      async () => (await ledger.list({ tenantId: SYSTEM_TENANT, action, resource, limit: 1 }))[0] ?? null,
      null,
    );
  const tenants: TenantFacts[] = [];
  for (const tenantId of names.slice(0, TENANTS)) {
    const stated = await newest('ledger.checkpoint', tenantId);
    const facts = await looking.at(`the chain of ${tenantId}`, () => lookAtTenant(store, tenantId), null);
    if (facts) tenants.push({ ...facts, checkpointAt: stated?.recordedAt ?? null });
  }
  const started = (await newest('ledger.started'))?.metadata;
  const configuration = isObject(started) ? started['configuration'] : null;
  const outbox = async () => {
    const [oldest] = await store.readOutbox(1, 0);
    return { count: await store.countOutbox(), oldest: oldest?.at ?? null };
  };
  const streams = async () =>
    (await ledger.streams.status()).map(({ name, state, lag }) => ({ name, state, lag: lag.entries }));
  const keys = await looking.at('API keys', () => store.keys(), []);
  return {
    database: await inspectDatabase(connection, prefix),
    tenants,
    tenantCount: names.length,
    configuration: isObject(configuration) ? configuration : null,
    failure: await newest('ledger.failure'),
    resumed: await newest('ledger.resumed'),
    outbox: await looking.at('outbox', outbox, null),
    spool: spool === undefined ? null : lookIntoSpool(spool),
    keys,
    unstatedKeys: await unstatedKeys(keys, newest),
    streams: await looking.at('streams', streams, []),
    unseen: looking.unseen,
  };
}

async function lookAtTenant(
  store: OpenedLedger['store'],
  tenantId: string,
): Promise<Omit<TenantFacts, 'checkpointAt'>> {
  const head = await store.head(tenantId);
  const size = head?.seq ?? 0;
  const since = await store.firstSince(tenantId, Date.now() - DAY);
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
  };
}
