import { fork } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { Audit } from '../lib/audit';
import { parseOptions } from '../lib/options';
import { MongoStore } from '../models/store/mongo-store';
import { type EvidenceFigures, type EvidenceTask, LEDGER, TENANT } from './evidence-process';
import { compare } from './measure';
import { fromEnvironment } from './peers/plan';

const ROUNDS = fromEnvironment('BENCH_ROUNDS', 3);
const PORTION = 10_000;
const ACTORS = 50;
const YEAR = 365 * 24 * 3600 * 1000;
const START = Date.UTC(2024, 0, 1);

/** Checkpoints, exports and their verification: cost, and memory at two sizes (BENCH_ENTRIES, and a tenth of it). */
export async function benchEvidence(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const size = fromEnvironment('BENCH_ENTRIES', 100_000);
  const folder = mkdtempSync(join(tmpdir(), 'express-audit-ledger-'));
  const key = generateKeyPairSync('ed25519').privateKey;
  try {
    for (const entries of [size / 10, size]) await benchSize(await connect(), uri, key, folder, entries);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function benchSize(
  connection: Connection,
  uri: string,
  key: KeyObject,
  folder: string,
  entries: number,
): Promise<void> {
  const clock = { at: START, now: () => clock.at, random: Math.random };
  const audit = new Audit(
    new MongoStore(connection),
    parseOptions({ ledger: LEDGER, signingKey: key }),
    clock,
  );
  await record(audit, clock, entries, YEAR / entries);
  console.log(`\n${entries} entries`);
  console.log(`  first checkpoint             ${await milliseconds(() => audit.checkpoint(TENANT))} ms`);
  await record(audit, clock, 1_000, YEAR / entries);
  console.log(`  checkpoint of 1,000 more     ${await milliseconds(() => audit.checkpoint(TENANT))} ms`);
  const [entry] = await audit.list({ tenantId: TENANT, order: 'asc', limit: 1 });
  const proof = await audit.prove({ tenantId: TENANT, id: entry!.id });
  console.log(`  proof of the first entry     ${proof!.hashes.length} hashes`);
  await audit.close();

  const signingKey = key.export({ format: 'pem', type: 'pkcs8' }) as string;
  const task = { uri, dbName: connection.name, signingKey, path: join(folder, 'evidence.jsonl') };
  const peaks = new Map<string, number>();
  const rate = (work: EvidenceTask['work']) => async () => {
    const { seconds, peak } = await run({ ...task, work });
    peaks.set(work, Math.max(peak, peaks.get(work) ?? 0));
    return entries / seconds;
  };
  const contenders = (...works: EvidenceTask['work'][]) =>
    works.map((work) => ({ name: work, run: rate(work) }));
  await compare(
    'Exporting, against a cursor that only reads',
    'entries/s',
    ROUNDS,
    contenders('scan', 'export'),
  );
  await compare(
    'Verifying, against JSON.parse and SHA-256 of each line',
    'entries/s',
    ROUNDS,
    contenders('parse', 'verify'),
  );
  for (const [work, peak] of peaks)
    console.log(`  ${work.padEnd(28)} ${(peak / 2 ** 20).toFixed(0)} MiB at the most`);

  const path = join(folder, 'filtered.jsonl');
  const query = { actor: 'user_7', startDate: '2024-06-01', endDate: '2024-06-21' };
  const { seconds } = await run({ ...task, path, query, work: 'export' });
  await run({ ...task, path, work: 'verify' });
  const share = (statSync(path).size / statSync(task.path).size) * 100;
  console.log(
    `  one actor, three weeks       ${seconds.toFixed(1)} s, ${statSync(path).size} bytes, ${share.toFixed(2)} % of the whole`,
  );
  await connection.dropDatabase();
}

/** Entries of one tenant, `step` milliseconds apart. */
async function record(audit: Audit, clock: { at: number }, entries: number, step: number): Promise<void> {
  for (let start = 0; start < entries; start += PORTION) {
    const batch = audit.batch();
    for (let n = start; n < Math.min(entries, start + PORTION); n++) {
      clock.at += step;
      const metadata = { n, role: 'member', email: `user${n}@example.com` };
      const actor = `user_${n % ACTORS}`;
      batch.event({
        tenantId: TENANT,
        action: 'org.member.invite',
        actor,
        resource: `invite_${n}`,
        metadata,
      });
    }
    await batch.commit();
  }
}

async function run(task: EvidenceTask): Promise<EvidenceFigures> {
  const child = fork(join(__dirname, 'evidence-process.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx'],
  });
  const exited = once(child, 'exit').then(() => null);
  const told = (await Promise.race([once(child, 'message'), exited])) as [EvidenceFigures] | null;
  if (!told) throw new Error(`${task.work} failed`);
  return told[0];
}

async function milliseconds(work: () => Promise<unknown>): Promise<string> {
  const start = performance.now();
  await work();
  return (performance.now() - start).toFixed(0);
}
