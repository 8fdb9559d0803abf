import type { ClientSpool } from './lib/client/spool/client-spool';
import { createDiskSpool, type DiskSpoolOptions } from './lib/client/spool/node';

export type { ClientSpool } from './lib/client/spool/client-spool';
export type { DiskSpoolOptions } from './lib/client/spool/node';

/**
 * Keeps on disk what a client has accepted until the collector has it: `createClient({ spool: diskSpool({ directory }) })`.
 * Node.js alone.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function diskSpool(options: DiskSpoolOptions): ClientSpool {
  return createDiskSpool(options);
}
