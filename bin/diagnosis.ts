import type { Entry } from '../lib/chain/entry';
import type { StoredKey } from '../lib/store/key-store';
import { isObject } from '../lib/util/complaints';
import type { DatabaseFacts } from '../models/inspect';
import type { SpoolFacts } from './spool-facts';

/** `look` is worth a look and no fault; `unknown` could not be told. */
export type Level = 'good' | 'look' | 'bad' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  about: string;
  level: Level;
  says: string;
  /** What to do. */
  mend?: string;
}

/** One tenant's chain. */
export interface TenantFacts {
  tenantId: string;
  size: number;
  /** Whether the newest entry is none any more. */
  isAltered: boolean;
  newestAt: string | null;
  ofLastDay: number;
  /** Entries that the newest stored checkpoint covers; null without one. */
  covered: number | null;
  isSigned: boolean;
  /** When it was made, as the ledger's own chain says. */
  checkpointAt: string | null;
}

/** All that a diagnosis goes by. */
export interface Facts {
  database: DatabaseFacts;
  /** The first of them. */
  tenants: TenantFacts[];
  tenantCount: number;
  /** Of the newest start of a ledger, as its own chain keeps it. */
  configuration: Record<string, unknown> | null;
  failure: Entry | null;
  resumed: Entry | null;
  /** Null where it could not be looked at. */
  outbox: { count: number; oldest: number | null } | null;
  /** Null where no folder was named. */
  spool: SpoolFacts | null;
  keys: StoredKey[];
  /** The ids of those whose rights no entry of the chain `system` states. */
  unstatedKeys: string[];
  streams: { name: string; state: string; lag: number }[];
  /** What could not be looked at, and why. */
  unseen: { about: string; why: string; isAltered: boolean }[];
}

/** What counts as old. */
export interface Measure {
  maxAgeMs: number;
  now: number;
}

const CLOCK_MS = 2_000;
const OUTBOX_MS = 60_000;
const SPOOL_MS = 600_000;
const WEEK = 7 * 86_400_000;

/** Names in one line. */
const NAMED = 5;

/** What is right and what is not, in plain words, in the order in which it is best mended. */
export function findings(facts: Facts, measure: Measure): Finding[] {
  return [
    ...aboutServer(facts.database, facts.configuration),
    ...aboutEntries(facts.database),
    aboutRole(facts.database),
    aboutClock(facts.database),
    ...aboutCheckpoints(facts, measure),
    aboutCopies(facts.configuration),
    ...aboutFailures(facts, measure),
    ...facts.unseen.map(aboutUnseen),
    ...(facts.outbox ? [aboutOutbox(facts.outbox, measure)] : []),
    aboutSpool(facts.spool, facts.configuration, measure),
    ...aboutKeys(facts, measure),
    ...facts.streams.map(aboutStream),
    aboutSize(facts),
  ];
}

function aboutServer(
  { version, replicaSet, isSharded, members }: DatabaseFacts,
  configuration: Facts['configuration'],
): Finding[] {
  const server: Finding =
    version === null
      ? { about: 'server', level: 'unknown', says: 'its version is not told' }
      : { about: 'server', level: 'good', says: `MongoDB ${version}` };
  const write = 'entries are written with w: majority, whatever the URI says';
  if (isSharded) return [server, good('replica set', `sharded; ${write}`)];
  if (replicaSet === null)
    return [
      server,
      {
        about: 'replica set',
        level: 'look',
        says: 'a single server: no transactions, and what it loses with its disk is lost',
        mend: 'Run a replica set, also of one member, for events in transactions.',
      },
    ];
  const named = `${replicaSet}${members === null ? '' : ` of ${members} ${members === 1 ? 'member' : 'members'}`}`;
  const isAlone = members === 1;
  return [
    server,
    isAlone && configuration !== null
      ? {
          about: 'replica set',
          level: 'look',
          says: `${named}; a majority of one survives no loss of its disk`,
        }
      : good('replica set', `${named}; ${write}`),
  ];
}

function aboutEntries({ entries }: DatabaseFacts): Finding[] {
  if (!entries)
    return [
      {
        about: 'collections',
        level: 'look',
        says: 'there are no entries yet',
        mend: 'Call `await audit.ready()` once, or name the right --db and --collections.',
      },
    ];
  const { missingIndexes, expiringIndexes, collation, isCapped } = entries;
  const isUnprotected = missingIndexes.includes('tenantId, seq');
  const found: Finding[] = [];
  if (isUnprotected)
    found.push({
      about: 'indexes',
      level: 'bad',
      says: 'the unique index on tenantId and seq is missing: nothing keeps two writers from one number',
      mend: 'Create it as `audit-ledger role` prints it, then run verify for each tenant.',
    });
  const slow = missingIndexes.filter((index) => index !== 'tenantId, seq');
  if (slow.length > 0)
    found.push({
      about: 'indexes',
      level: 'look',
      says: `lists are slow without the indexes on ${slow.join('; ')}`,
      mend: 'Create them as `audit-ledger role` prints them.',
    });
  if (missingIndexes.length === 0) found.push(good('indexes', 'all are there'));
  if (expiringIndexes.length > 0)
    found.push({
      about: 'indexes',
      level: 'bad',
      says: `${expiringIndexes.join(', ')} deletes entries by time`,
      mend: 'Drop it, and find out who may create indexes.',
    });
  if (isCapped)
    found.push({
      about: 'collections',
      level: 'bad',
      says: 'the entries are capped: the oldest are deleted',
    });
  if (collation !== null)
    found.push({
      about: 'collation',
      level: 'bad',
      says: `the entries are compared as ${collation} has it, so that two tenants or ids may count as one`,
      mend: 'Copy them into a collection with the simple collation.',
    });
  return found;
}

function aboutRole({ changes, isAuthenticated }: DatabaseFacts): Finding {
  if (isAuthenticated === false)
    return {
      about: 'role',
      level: 'look',
      says: 'nobody has to sign in to this database: whoever reaches it may change entries',
      mend: 'Turn access control on, and give the application the role that `audit-ledger role` prints.',
    };
  if (changes === null) return { about: 'role', level: 'unknown', says: 'what this user may do is not told' };
  if (changes.length === 0) return good('role', 'this user can read and add entries, and change none');
  return {
    about: 'role',
    level: 'look',
    says: `this user may ${changes.join(', ')} entries`,
    mend: 'If the application signs in as this user, give it the role that `audit-ledger role` prints instead.',
  };
}

function aboutClock({ clockAheadMs }: DatabaseFacts): Finding {
  if (clockAheadMs === null)
    return { about: 'clock', level: 'unknown', says: "the server's time is not told" };
  const off = Math.abs(clockAheadMs);
  if (off <= CLOCK_MS) return good('clock', 'the server and this machine agree');
  const says = `the server is ${(off / 1000).toFixed(1)} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine`;
  return { about: 'clock', level: 'bad', says, mend: 'Let both follow the same time servers.' };
}

function aboutCheckpoints({ tenants, tenantCount }: Facts, { maxAgeMs, now }: Measure): Finding[] {
  const chains = tenants.filter(({ size, tenantId }) => size > 0 && tenantId !== 'system');
  const found: Finding[] = [];
  const altered = tenants.filter(({ isAltered }) => isAltered).map(({ tenantId }) => tenantId);
  if (altered.length > 0)
    found.push({
      about: 'chains',
      level: 'bad',
      says: `the newest entry was altered of ${named(altered)}`,
      mend: 'Run `audit-ledger verify --tenant …` for each.',
    });
  const ahead = tenants.filter(({ newestAt }) => newestAt !== null && Date.parse(newestAt) > now + 60_000);
  if (ahead.length > 0)
    found.push({
      about: 'clock',
      level: 'bad',
      says: `entries from the future are in the chains of ${named(ahead.map(({ tenantId }) => tenantId))}`,
      mend: 'Compare the clocks of the machines that write.',
    });
  if (chains.length === 0) return found;
  const none = chains.filter(({ covered }) => covered === null).map(({ tenantId }) => tenantId);
  const unsigned = chains.filter(({ covered, isSigned }) => covered !== null && !isSigned);
  const old = chains.filter(
    ({ covered, size, checkpointAt }) =>
      covered !== null &&
      covered < size &&
      (checkpointAt === null || now - Date.parse(checkpointAt) > maxAgeMs),
  );
  const mend = 'Give createAudit a `signingKey`, and `checkpoints: { everySeconds: 300 }`.';
  if (none.length > 0)
    found.push({ about: 'checkpoints', level: 'look', says: `there are none of ${named(none)}`, mend });
  if (unsigned.length > 0)
    found.push({
      about: 'checkpoints',
      level: 'look',
      says: `nobody signed those of ${named(unsigned.map(({ tenantId }) => tenantId))}`,
      mend,
    });
  if (old.length > 0)
    found.push({
      about: 'checkpoints',
      level: 'bad',
      says: `older than ${maxAgeMs / 1000} s, with newer entries behind them: ${named(old.map(({ tenantId, size, covered }) => `${tenantId} (${size - (covered ?? 0)} not covered)`))}`,
      mend: 'See the `ledger.failure` entries of the chain `system`; `audit-ledger checkpoint` makes one now.',
    });
  if (none.length + unsigned.length + old.length === 0)
    found.push(
      good(
        'checkpoints',
        `signed and recent for ${tenantCount > tenants.length ? 'the first ' : ''}${chains.length} tenants`,
      ),
    );
  return found;
}

function aboutCopies(configuration: Facts['configuration']): Finding {
  const about = 'copies of checkpoints';
  if (!configuration) return { about, level: 'unknown', says: 'no start of a ledger is recorded here' };
  const checkpoints = isObject(configuration['checkpoints']) ? configuration['checkpoints'] : {};
  const places = [
    ...(typeof checkpoints['file'] === 'string' ? [`the file ${checkpoints['file']}`] : []),
    ...(checkpoints['onCheckpoint'] === true ? ['onCheckpoint'] : []),
  ];
  if (places.length > 0) return good(about, `go to ${places.join(' and ')}`);
  return {
    about,
    level: 'look',
    says: 'none leave this database: whoever holds it can rewrite everything unseen',
    mend: 'Give createAudit `checkpoints: { file }` on another disk, or `onCheckpoint`.',
  };
}

function aboutFailures({ failure, resumed }: Facts, { now }: Measure): Finding[] {
  if (!failure || now - Date.parse(failure.recordedAt) > WEEK)
    return [good('failures', 'none in the last week')];
  const { code, message } = (isObject(failure.metadata) ? failure.metadata : {}) as {
    code?: string;
    message?: string;
  };
  const isOver = resumed !== null && resumed.seq > failure.seq;
  return [
    {
      about: 'failures',
      level: isOver ? 'look' : 'bad',
      says: `${code ?? 'unknown'} at ${failure.recordedAt}${isOver ? `, over at ${resumed.recordedAt}` : ', and no end of it is recorded'}`,
      ...(message !== undefined && { mend: message }),
    },
  ];
}

function aboutUnseen({ about, why, isAltered }: Facts['unseen'][number]): Finding {
  if (!isAltered) return { about, level: 'unknown', says: why };
  return { about, level: 'bad', says: why, mend: 'Run `audit-ledger verify --tenant …`.' };
}

function aboutOutbox({ count, oldest }: NonNullable<Facts['outbox']>, { now }: Measure): Finding {
  if (count === 0) return good('outbox', 'nothing waits');
  const age = oldest === null ? 0 : now - oldest;
  const says = `${count} ${count === 1 ? 'event waits' : 'events wait'}, the oldest for ${Math.round(age / 1000)} s`;
  if (age <= OUTBOX_MS) return good('outbox', says);
  return {
    about: 'outbox',
    level: 'bad',
    says,
    mend: 'Start a process with this ledger: it takes up what others left. What stays cannot be read: see its `ledger.failure`.',
  };
}

function aboutSpool(
  spool: SpoolFacts | null,
  configuration: Facts['configuration'],
  { now }: Measure,
): Finding {
  if (!spool) {
    const given =
      configuration && isObject(configuration['spool']) ? configuration['spool']['directory'] : undefined;
    if (typeof given !== 'string')
      return { about: 'spool', level: 'look', says: 'none: events that wait end with their process' };
    return {
      about: 'spool',
      level: 'unknown',
      says: 'not looked at',
      mend: `Name it with --spool ${given}, on the machine that has it.`,
    };
  }
  if ('failure' in spool) return { about: 'spool', level: 'bad', says: `cannot be read: ${spool.failure}` };
  if (spool.oldest === null) return good('spool', 'nothing waits');
  const age = now - spool.oldest;
  const says = `${spool.files} files of ${spool.bytes} bytes, the oldest ${Math.round(age / 1000)} s old`;
  if (age <= SPOOL_MS) return good('spool', says);
  return {
    about: 'spool',
    level: 'bad',
    says,
    mend: 'Start a process with this spool: it records what others left.',
  };
}

function aboutKeys({ keys, unstatedKeys }: Facts, { now }: Measure): Finding[] {
  const valid = keys.filter(
    ({ revokedAt, expiresAt }) => !revokedAt && (!expiresAt || Date.parse(expiresAt) > now),
  );
  if (keys.length === 0) return [];
  if (unstatedKeys.length > 0) {
    const says = `no entry of the chain system gives these the rights that they have: ${named(unstatedKeys)}`;
    const mend = 'Somebody wrote them to the database: end them with `audit-ledger keys revoke ID`.';
    return [{ about: 'API keys', level: 'bad', says, mend }];
  }
  const soon = valid.filter(({ expiresAt }) => expiresAt && Date.parse(expiresAt) - now < WEEK);
  if (soon.length === 0)
    return [good('API keys', `${valid.length} valid, ${keys.length - valid.length} ended or revoked`)];
  const says = `these end within a week: ${named(soon.map(({ name }) => name))}`;
  return [{ about: 'API keys', level: 'look', says, mend: 'Rotate them: `audit-ledger keys rotate ID`.' }];
}

function aboutStream({ name, state, lag }: Facts['streams'][number]): Finding {
  const says = `${state}, ${lag} entries behind`;
  if (state === 'failing')
    return { about: `stream ${name}`, level: 'bad', says, mend: 'See `audit-ledger stream status`.' };
  return { about: `stream ${name}`, level: state === 'paused' ? 'look' : 'good', says };
}

function aboutSize({ database: { entries }, tenants, tenantCount }: Facts): Finding {
  const day = tenants.reduce((sum, { ofLastDay }) => sum + ofLastDay, 0);
  const of = tenantCount > tenants.length ? ` in the first ${tenants.length}` : '';
  const bytes = entries?.bytes ?? null;
  const size = bytes === null ? '' : ` in ${(bytes / 1e6).toFixed(1)} MB`;
  // The server's own count is an estimate, which may be behind.
  const numbered = tenants.reduce((sum, { size: each }) => sum + each, 0);
  const count = Math.max(entries?.count ?? 0, numbered);
  const growth =
    bytes === null || count === 0 ? '' : `, about ${((day * bytes) / count / 1e6).toFixed(1)} MB`;
  return good(
    'size',
    `${count} entries of ${tenantCount} tenants${size}; ${day} more in the last day${of}${growth}`,
  );
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

function good(about: string, says: string): Finding {
  return { about, level: 'good', says };
}
