import { createReadStream } from 'node:fs';
import { verifyEvidence } from '../../lib/evidence/check/node';

/** Verifies one file in a process of its own, whose memory is bounded by how it is started. */
async function verify(path: string): Promise<void> {
  const report = await verifyEvidence(createReadStream(path, { highWaterMark: 256 * 1024 }));
  process.send?.(report, () => process.disconnect());
}

void verify(process.argv[2] as string);
