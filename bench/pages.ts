import type { Connection } from 'mongoose';
import { Audit } from '../lib/audit';
import { parseOptions } from '../lib/options';
import { listActions } from '../lib/read/actions';
import { formatCursor } from '../lib/read/cursor';
import { histogram, type HistogramQuery } from '../lib/read/histogram';
import type { ListQuery } from '../lib/read/list-query';
import type { AuditEvent } from '../lib/event/event';
import { MongoStore } from '../models/store/mongo-store';
import { median, p99 } from './measure';
import { fromEnvironment } from './peers/plan';

const ROUNDS = fromEnvironment('BENCH_ROUNDS', 200);
const HISTOGRAM_ROUNDS = Math.ceil(ROUNDS / 10);
const SMALL = 10_000;
/** Batches in which a chain is recorded, each at one time. */
const BATCHES = 100;
const GROUPS = ['org', 'billing', 'auth', 'report'];
/** Entries of what is rare, in a chain of any size. */
const RARE = 20;
const YEAR = 365 * 24 * 3600 * 1000;
const START = Date.UTC(2024, 0, 1);
const MARCH = { from: '2024-03-01', to: '2024-03-31' };

/** Two ways to do a job, of which the second should take no longer. */
interface Pair {
  name: string;
  base: () => Promise<unknown>;
  other: () => Promise<unknown>;
}

/** Pages of `list` and histograms: deep in a chain against its newest page, and in a large chain (BENCH_ENTRIES) against one of 10,000. */
export async function benchPages(connect: () => Promise<Connection>): Promise<void> {
  const size = fromEnvironment('BENCH_ENTRIES', 100_000);
  const connection = await connect();
  const store = new MongoStore(connection);
  const clock = { at: START, now: () => clock.at, random: Math.random };
  const audit = new Audit(store, parseOptions({}), clock);
  for (const [tenantId, entries] of [
    ['small', SMALL],
    ['large', size],
  ] as const) {
    clock.at = START;
    await record(audit, clock, tenantId, entries);
  }

  const list = (tenantId: string, query: Omit<ListQuery, 'tenantId'>) => () =>
    audit.list({ tenantId, ...query });
  const count = (tenantId: string, query: Omit<HistogramQuery, 'tenantId'>) => () =>
    histogram({ tenantId, ...query }, store);
  const pages = (name: string, query: Omit<ListQuery, 'tenantId'>): Pair => ({
    name,
    base: list('small', query),
    other: list('large', query),
  });
  const histograms = (name: string, query: Omit<HistogramQuery, 'tenantId'>): Pair => ({
    name,
    base: count('small', query),
    other: count('large', query),
  });
  const deep = { cursor: formatCursor(SMALL / 50, 'desc') };
  const complete = (tenantId: string) => () => listActions({ tenantId, prefix: 'org.' }, store);

  await comparePairs(`A page of 100, ${size} entries: the newest, and one near the end`, ROUNDS, [
    { name: 'no filter', base: list('large', {}), other: list('large', deep) },
    {
      name: 'actor',
      base: list('large', { actor: 'user_7' }),
      other: list('large', { actor: 'user_7', cursor: formatCursor(9_000, 'desc') }),
    },
    {
      name: 'action org.*',
      base: list('large', { action: 'org.*' }),
      other: list('large', { action: 'org.*', ...deep }),
    },
  ]);
  await comparePairs(`A page of 100: ${SMALL} entries, and ${size}`, ROUNDS, [
    pages('no filter', {}),
    pages('no filter, oldest first', { order: 'asc' }),
    pages('from, to', MARCH),
    pages('actor, 1 of 50', { actor: 'user_7' }),
    pages('actor, rare', { actor: 'rare' }),
    pages('action, 1 of 40', { action: 'org.thing3.change' }),
    pages('action, rare', { action: 'rare.a' }),
    pages('action org.*, 10 names', { action: 'org.*' }),
    pages('action org.*, oldest first', { action: 'org.*', order: 'asc' }),
    pages('action org.*, from, to', { action: 'org.*', ...MARCH }),
    pages('action rare.*, 2 names', { action: 'rare.*' }),
    pages('resource, 1 of 1,000', { resource: 'invite_77' }),
    pages('outcome, 9 of 10', { outcome: 'success' }),
    pages('outcome, 1 of 50', { outcome: 'failure' }),
    { name: 'names of actions org.*', base: complete('small'), other: complete('large') },
  ]);
  await comparePairs(`A histogram of 60 buckets: ${SMALL} entries, and ${size}`, HISTOGRAM_ROUNDS, [
    histograms('no filter', {}),
    histograms('outcome, 9 of 10', { outcome: 'success' }),
    histograms('actor, 1 of 50', { actor: 'user_7' }),
    histograms('action org.*, 10 names', { action: 'org.*' }),
  ]);
  await audit.close();
  await connection.dropDatabase();
}

/** Entries of one tenant, spread over a year. */
async function record(audit: Audit, clock: { at: number }, tenantId: string, entries: number): Promise<void> {
  const portion = Math.ceil(entries / BATCHES);
  for (let start = 0; start < entries; start += portion) {
    const batch = audit.batch();
    for (let n = start; n < Math.min(entries, start + portion); n++)
      batch.event({ tenantId, ...event(n, Math.floor(entries / RARE)) });
    clock.at += YEAR / BATCHES;
    await batch.commit();
  }
}

/** 40 actions, of which two are rare; 51 actors, of which one is. */
function event(n: number, rareEvery: number): AuditEvent {
  const place = n % rareEvery;
  const chance = (n * 7919) % 1000;
  const group = GROUPS[n % GROUPS.length]!;
  const thing = Math.floor(n / GROUPS.length) % (group === 'report' ? 8 : 10);
  const rareAction = Math.floor(n / rareEvery) % 2 ? 'rare.a' : 'rare.b';
  return {
    action: place === 7 ? rareAction : `${group}.thing${thing}.change`,
    actor: place === 3 ? 'rare' : `user_${chance % 50}`,
    resource: `invite_${(n * 31) % 1000}`,
    outcome: chance < 900 ? 'success' : chance < 980 ? 'denied' : 'failure',
    metadata: { n, role: 'member', email: `user${n}@example.com` },
  };
}

/** Lets all take turns; the ratios are those of the second figure to the first. */
async function comparePairs(title: string, rounds: number, pairs: Pair[]): Promise<void> {
  const times = pairs.map(() => ({ base: [] as number[], other: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, pair] of pairs.entries()) {
      const order = round % 2 ? (['base', 'other'] as const) : (['other', 'base'] as const);
      for (const which of order) {
        const start = performance.now();
        await pair[which]();
        times[i]![which].push(performance.now() - start);
      }
    }
  }
  console.log(`\n${title} (${rounds} rounds)`);
  for (const [i, { name }] of pairs.entries()) {
    const { base, other } = times[i]!;
    const figures = [median, p99].map((figure) => {
      const [first, second] = [figure(base), figure(other)];
      return `${first.toFixed(1).padStart(7)} ${second.toFixed(1).padStart(7)} ms ${(second / first).toFixed(2)}`;
    });
    console.log(`  ${name.padEnd(30)} median ${figures[0]}   p99 ${figures[1]}`);
  }
}
