import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import { hostileFiles } from '../../../support/hostile-evidence';
import { reportOf } from '../../../support/report-of';
import { isLong } from '../../../support/sized';
import { temporaryFolder } from '../../../support/temporary';

const FILES = hostileFiles();

/** One of a kind; the long form has all. */
const SOME = [
  'an open quote and line feeds',
  'members',
  'empty objects',
  'brackets in a string',
  'formulas in a cell',
  'quotes in a cell that is right',
  'text in a cell that is right',
  'members in a line that is right',
  'a long ledger that is right',
  'a note of signatures',
  'a key of plus signs',
];

/** The whole heap that the process may have, in megabytes. */
const HEAP = 200;

describe('a file that is made to cost its verifier as much as it can', () => {
  it.each(isLong ? Object.keys(FILES) : SOME)('takes a heap of at most 200 MB: %s', async (name) => {
    const path = join(temporaryFolder(), 'hostile');
    await pipeline(Readable.from(FILES[name]?.() ?? []), createWriteStream(path));
    const report = await reportOf<EvidenceReport>(
      'test/support/verify-file-process.ts',
      [path],
      [`--max-heap-size=${HEAP}`],
    );
    await rm(path);
    expect(report.verdict).toBe(name.endsWith('that is right') ? 'intact' : 'broken');
    for (const sentence of [
      ...report.proven,
      ...report.notProven,
      ...report.problems.map(({ message }) => message),
    ])
      expect(sentence.length).toBeLessThan(1_000);
  });
});
