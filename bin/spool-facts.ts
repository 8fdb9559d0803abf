import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeReason } from './failure';

/** What lies in the folder of a spool: files of events, their bytes, and the age of the oldest. */
export type SpoolFacts = { files: number; bytes: number; oldest: number | null } | { failure: string };

/** Looks at the segments, whose names are numbers, and at nothing else. */
export function lookIntoSpool(directory: string): SpoolFacts {
  try {
    const facts = { files: 0, bytes: 0, oldest: null as number | null };
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (!/(^|[\\/])\d{16}\.jsonl$/.test(name)) continue;
      const { size, mtimeMs } = statSync(join(directory, name));
      if (size === 0) continue;
      facts.files++;
      facts.bytes += size;
      facts.oldest = Math.min(facts.oldest ?? Infinity, mtimeMs);
    }
    return facts;
  } catch (error) {
    return { failure: describeReason(error) };
  }
}
