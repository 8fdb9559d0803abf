import { createHash, createPrivateKey, hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import mongoose from 'mongoose';
import { createAudit, verifyEvidence } from './built';
import { ENTRIES } from '../models/append-only/audit-entry';

/** What a process is to do, as the JSON in its first argument. */
export interface EvidenceTask {
  work: 'scan' | 'export' | 'parse' | 'verify';
  uri: string;
  dbName: string;
  /** PKCS#8 PEM. */
  signingKey: string;
  /** Where evidence is written, and read. */
  path: string;
  query?: { actor: string; startDate: string; endDate: string };
}

/** What it took. */
export interface EvidenceFigures {
  seconds: number;
  /** Bytes of resident memory at the most. */
  peak: number;
}

export const LEDGER = 'audit.example.com';
export const TENANT = 'acme';

const WORKS: Record<EvidenceTask['work'], (task: EvidenceTask) => Promise<unknown>> = {
  async scan({ uri, dbName }) {
    const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
    const cursor = connection.db!.collection(ENTRIES).find({ tenantId: TENANT }).sort({ seq: 1 });
    while (await cursor.next());
    await connection.close();
  },

  async export({ uri, dbName, signingKey, path, query }) {
    const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
    const audit = createAudit({ connection, ledger: LEDGER, signingKey: createPrivateKey(signingKey) });
    await pipeline(await audit.exportEvidence({ tenantId: TENANT, ...query }), createWriteStream(path));
    await audit.close();
    await connection.close();
  },

  /** What no verifier can do without: read, parse, hash. */
  async parse({ path }) {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      JSON.parse(line);
      hash('sha256', line, 'hex');
    }
  },

  async verify({ path }) {
    const { verdict } = await verifyEvidence(createReadStream(path));
    if (verdict !== 'intact') throw new Error('the evidence is not intact');
  },
};

async function main(task: EvidenceTask): Promise<void> {
  createHash('sha256').end(); // loads OpenSSL before the clock runs
  const start = performance.now();
  await WORKS[task.work](task);
  const seconds = (performance.now() - start) / 1000;
  const peak = process.resourceUsage().maxRSS * 1024;
  process.send?.({ seconds, peak } satisfies EvidenceFigures, () => process.exit());
}

if (process.send) void main(JSON.parse(process.argv[2] ?? '') as EvidenceTask);
