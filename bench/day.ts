import { setTimeout as delay } from 'node:timers/promises';
import { BSON } from 'bson';
import type { Connection } from 'mongoose';
import type { Audit, AuditEvent } from '../index';
import { ENTRIES } from '../models/append-only/audit-entry';
import { newKey } from '../test/support/signing';
import { createAudit } from './built';
import { fromEnvironment } from './peers/plan';

const TENANTS = fromEnvironment('BENCH_TENANTS', 1_000);
const EVENTS = fromEnvironment('BENCH_EVENTS', 50_000);
const CHECKPOINT_ENTRIES = 500;

/** Events that wait at the most, as in an application whose users wait for their answers. */
const WAITING = 2_000;

/** Chains that are verified, and get their checkpoint of the evening, at a time. */
const AT_A_TIME = 4;

const HOURS = 24;
const DAY = Date.parse('2026-11-23T00:00:00.000Z');
const HOUR_MS = 3_600_000;

/** A day of tenants of very different size (Zipf), recorded as fast as the machine allows, then verified whole. */
export async function benchDay(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const checkpoints: string[] = [];
  const audit = createAudit({
    connection,
    ledger: 'audit.example.com',
    signingKey: newKey(),
    checkpoints: { everyEntries: CHECKPOINT_ENTRIES, onCheckpoint: (note) => void checkpoints.push(note) },
  });
  let failures = 0;
  audit.on('error', () => failures++);
  console.log(`\nA day of ${TENANTS} tenants, ${EVENTS} events`);
  const day = await recordDay(audit);
  const inTheDay = checkpoints.length;
  const evening = await timed(() => forEach(day.tenants, (tenantId) => audit.checkpoint(tenantId)));
  const verified = await timed(() => verifyAll(audit, day.tenants));
  const { sizes, broken } = verified.result;
  await audit.close();

  const entries = sizes.reduce((sum, size) => sum + size, 0);
  const bytes = await bytesOf(connection, day.tenants);
  console.log(`  recorded     ${rate(EVENTS, day.seconds)} a second; by hours ${day.rates.join(' ')}`);
  console.log(`  memory       ${day.peak} MiB resident at the most, ${day.first} MiB in the first hour`);
  console.log(`  checkpoints  ${inTheDay} in the day, one each ${CHECKPOINT_ENTRIES} entries of a tenant`);
  console.log(
    `               ${rate(day.tenants.length, evening.seconds)} a second in the evening, one of each tenant`,
  );
  console.log(`  verified     ${rate(entries, verified.seconds)} entries a second`);
  console.log(`  found        ${entries} of ${EVENTS} entries, ${broken} broken chains, ${failures} errors`);
  for (const [name, at] of Object.entries(PLACES)) {
    const place = Math.floor(at * (sizes.length - 1));
    console.log(
      `  ${name.padEnd(20)} ${sizes[place]} entries, ${((bytes[place] ?? 0) / 1024).toFixed(1)} KiB`,
    );
  }
  await connection.dropDatabase();
}

/** Tenants whose sizes are told, by their place among all, the largest first. */
const PLACES = { 'largest tenant': 0, 'one in a hundred': 0.01, 'one in ten': 0.1, median: 0.5, smallest: 1 };

/** The events of a day in their order, some of each hour. */
async function recordDay(audit: Audit): Promise<DayFigures> {
  const random = generator(7);
  const drawTenant = drawer(
    Array.from({ length: TENANTS }, (_, rank) => 1 / (rank + 1)),
    random,
  );
  const drawHour = drawer(
    Array.from({ length: HOURS }, (_, hour) => busyness(hour)),
    random,
  );
  const perHour = Array.from({ length: HOURS }, () => 0);
  for (let n = 0; n < EVENTS; n++) perHour[drawHour()]!++;
  const counts = new Map<string, number>();
  const figures: DayFigures = { seconds: 0, rates: [], first: 0, peak: 0, tenants: [] };
  for (const [hour, events] of perHour.entries()) {
    const { seconds } = await timed(async () => {
      for (let n = 0; n < events; n++) {
        const tenantId = `tenant-${drawTenant()}`;
        const count = (counts.get(tenantId) ?? 0) + 1;
        counts.set(tenantId, count);
        const occurredAt = new Date(DAY + (hour + n / events) * HOUR_MS);
        void audit.event({ tenantId, occurredAt, ...something(count, random) });
        while (audit.stats().queued > WAITING) await delay(5);
      }
      await audit.flush();
    });
    const memory = Math.round(process.memoryUsage.rss() / 1024 ** 2);
    figures.first ||= memory;
    figures.peak = Math.max(figures.peak, memory);
    figures.seconds += seconds;
    figures.rates.push(rate(events, seconds));
  }
  figures.tenants = [...counts].sort(([, a], [, b]) => b - a).map(([tenantId]) => tenantId);
  return figures;
}

interface DayFigures {
  seconds: number;
  /** Entries a second in each hour. */
  rates: number[];
  /** MiB of resident memory after the first hour, and at the most. */
  first: number;
  peak: number;
  /** Those that did something, the largest first. */
  tenants: string[];
}

/** Some five times as much at noon as at night. */
const busyness = (hour: number): number => 1.5 - Math.cos(((hour - 1) / HOURS) * 2 * Math.PI);

/** What users do: most of it small, some of it with what was before. */
function something(n: number, random: () => number): Omit<AuditEvent, 'tenantId'> {
  const actor = { id: `user_${Math.floor(random() * 50)}`, name: 'Ann Miller' };
  const context = { ipAddress: '203.0.113.9', method: 'POST', route: '/orgs/:id/members', statusCode: 200 };
  const kind = random();
  if (kind < 0.5) return { action: 'auth.sign_in', actor, context };
  const resource = { type: 'member', id: `member_${n}` };
  if (kind < 0.85)
    return { action: 'org.member.invite', actor, resource, context, metadata: { role: 'member', n } };
  const before = { role: 'member', teams: ['sales', 'support'], note: 'x'.repeat(150) };
  return {
    action: 'org.member.update',
    actor,
    resource,
    context,
    before,
    after: { ...before, role: 'admin' },
  };
}

/** The size of each chain, and how many are broken. */
async function verifyAll(
  audit: Audit,
  tenants: readonly string[],
): Promise<{ sizes: number[]; broken: number }> {
  let broken = (await audit.verify({ tenantId: 'system' })).verdict === 'intact' ? 0 : 1;
  const sizes = await forEach(tenants, async (tenantId) => {
    const { verdict, size, anchoredSize } = await audit.verify({ tenantId });
    if (verdict !== 'intact' || anchoredSize !== size) broken++;
    return size;
  });
  return { sizes, broken };
}

/** Bytes of the documents of each tenant. */
async function bytesOf({ db }: Connection, tenants: readonly string[]): Promise<number[]> {
  return forEach(tenants, async (tenantId) => {
    const documents = await db!.collection(ENTRIES).find({ tenantId }, { promoteValues: false }).toArray();
    return documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0);
  });
}

/** Does something with each, a few at a time, and gives the results in the order of the list. */
async function forEach<T, Result>(list: readonly T[], work: (item: T) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = list.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}

/** Draws places of a list by their weights. */
function drawer(weights: readonly number[], random: () => number): () => number {
  let sum = 0;
  const sums = weights.map((weight) => (sum += weight));
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Numbers from [0, 1), the same in each run (mulberry32). */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const begin = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - begin) / 1000 };
}

const rate = (count: number, seconds: number): number => Math.round(count / seconds);
