import { createRequire } from 'node:module';
import type * as Collector from '../collector';
import type * as Package from '../index';

const load = createRequire(__filename);

/** The package as users get it: `tsx`, which runs the benchmarks, puts a getter before each name that it imports. */
export const { auditMiddleware, auditRouter, createAudit, verifyEvidence } = load(
  '../dist/index.js',
) as typeof Package;
export const { auditCollector } = load('../dist/collector.js') as typeof Collector;
