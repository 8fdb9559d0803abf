import type { Connection } from 'mongoose';
import { Audit } from '../lib/audit';
import type { Draft, Entry } from '../lib/chain/entry';
import { GENESIS, type Head, link } from '../lib/chain/link';
import { sha256 } from '../lib/crypto/node';
import { parseOptions } from '../lib/options';
import { listActions } from '../lib/read/actions';
import { formatCursor } from '../lib/read/cursor';
import { histogram, type HistogramQuery } from '../lib/read/histogram';
import type { ListQuery } from '../lib/read/list-query';
import { MongoStore } from '../models/store/mongo-store';
import { median, p99 } from './measure';
import { fromEnvironment } from './peers/plan';

const ROUNDS = fromEnvironment('BENCH_ROUNDS', 200);
const HISTOGRAM_ROUNDS = Math.ceil(ROUNDS / 10);
const LOOK_ROUNDS = Math.ceil(ROUNDS / 20);
const SMALL = 10_000;
/** Entries that are inserted at a time, and inserts under way. */
const [PORTION, WRITERS] = [1_000, 2];
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
  await fillPages(connection, size);
  await measurePages(connection, size);
  await connection.dropDatabase();
}

/** The two chains, ready-linked: what recording takes is measured elsewhere. */
export async function fillPages(connection: Connection, size: number): Promise<void> {
  const store = new MongoStore(connection);
  await store.prepare();
  await fill(store, 'small', SMALL);
  await fill(store, 'large', size);
}

/** What is read of them. */
export async function measurePages(connection: Connection, size: number): Promise<void> {
  const store = new MongoStore(connection);
  const audit = new Audit(store, parseOptions({ readOnly: true }), { now: Date.now, random: Math.random });
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
  await comparePairs(`A page of 100 of what no index tells: ${SMALL} entries, and ${size}`, LOOK_ROUNDS, [
    pages('resourceType, 1 of 2', { resourceType: 'invite' }),
    pages('resourceType, rare', { resourceType: 'rare' }),
    pages('onBehalfOf, 1 of 100', { onBehalfOf: 'user_3' }),
    pages('ipAddress, 1 of 250', { ipAddress: '203.0.113.7' }),
    pages('requestId, of the oldest', { requestId: 'req-0' }),
    pages('occurredFrom, occurredTo', { occurredFrom: MARCH.from, occurredTo: MARCH.to }),
    pages('text, in each', { text: 'firefox' }),
    pages('text, in none', { text: 'nowhere' }),
    pages('action !org.*', { action: '!org.*' }),
    pages('notActor', { notActor: 'user_7' }),
    pages('outcome !success', { outcome: '!success' }),
    pages('actor, and text in none', { actor: 'user_7', text: 'nowhere' }),
    pages('action org.*, and text in none', { action: 'org.*', text: 'nowhere' }),
    pages('action rare.*, and text in each', { action: 'rare.*', text: 'firefox' }),
    pages('two actors, and text in none', { actor: ['user_7', 'user_8'], text: 'nowhere' }),
  ]);
  await comparePairs(`A page of 100 of several values: ${SMALL} entries, and ${size}`, LOOK_ROUNDS, [
    pages('two actors', { actor: ['user_7', 'user_8'] }),
    pages('two actors, one rare', { actor: ['user_7', 'rare'] }),
    pages('20 actors', { actor: Array.from({ length: 20 }, (_, n) => `user_${n}`) }),
    pages('three actions, one org.*', { action: ['org.*', 'rare.a', 'auth.thing1.change'] }),
    pages('two resources', { resource: ['invite_77', 'invite_78'] }),
    pages('outcome, 1 of 10', { outcome: ['denied', 'failure'] }),
  ]);
  await audit.close();
}

/** Entries of one tenant, spread over a year. */
async function fill(store: MongoStore, tenantId: string, size: number): Promise<void> {
  let head: Head = GENESIS;
  const writing = new Set<Promise<void>>();
  for (let start = 0; start < size; start += PORTION) {
    const entries: Entry[] = [];
    for (let n = start; n < Math.min(size, start + PORTION); n++) {
      const at = new Date(START + Math.floor((YEAR * n) / size)).toISOString();
      const draft: Draft = {
        v: 1,
        tenantId,
        id: `e${n}`,
        occurredAt: at,
        ...facts(n, Math.floor(size / RARE)),
      };
      const entry: Entry = link(draft, head, at, sha256);
      entries.push(entry);
      head = entry;
    }
    const written = store.append(entries).then(() => void writing.delete(written));
    writing.add(written);
    if (writing.size === WRITERS) await Promise.race(writing);
  }
  await Promise.all(writing);
}

/** 40 actions, of which two are rare; 51 actors, of which one is; two kinds of resources, and one that is rare. */
function facts(n: number, rareEvery: number): Omit<Draft, 'v' | 'tenantId' | 'id' | 'occurredAt'> {
  const place = n % rareEvery;
  const chance = (n * 7919) % 1000;
  const group = GROUPS[n % GROUPS.length]!;
  const thing = Math.floor(n / GROUPS.length) % (group === 'report' ? 8 : 10);
  const rareAction = Math.floor(n / rareEvery) % 2 ? 'rare.a' : 'rare.b';
  return {
    actor: place === 3 ? 'rare' : `user_${chance % 50}`,
    actorType: 'user',
    actorName: `User ${chance % 50}`,
    ...(n % 100 === 3 && { onBehalfOf: 'user_3' }),
    action: place === 7 ? rareAction : `${group}.thing${thing}.change`,
    resource: `invite_${(n * 31) % 1000}`,
    resourceType: place === 11 ? 'rare' : n % 2 ? 'invite' : 'member',
    outcome: chance < 900 ? 'success' : chance < 980 ? 'denied' : 'failure',
    context: {
      ipAddress: `203.0.113.${n % 250}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
      method: 'POST',
      route: '/orgs/:id/invites',
      statusCode: 201,
      requestId: `req-${n}`,
    },
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
