import { createRequire } from 'node:module';
import type * as Package from '../index';

/** The package as users get it: `tsx`, which runs the benchmarks, puts a getter before each name that it imports. */
export const { auditMiddleware, auditRouter, createAudit, verifyEvidence } = createRequire(__filename)(
  '../dist/index.js',
) as typeof Package;
