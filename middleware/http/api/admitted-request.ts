import type { Ledger } from '../../../lib/ledger';
import type { Admitted, Permission } from './admission';
import type { Asked } from './asked';

/** A request whose user may make it and whose parameters are valid. */
export interface AdmittedRequest extends Admitted {
  ledger: Ledger;
  query: Record<string, unknown>;
  /** The decoded value of the path's parameter; empty for a path without one. */
  name: string;
  asked: Asked;
  /** Whether all exports are recorded, and not only those whose file states that it was recorded. */
  recordsExports: boolean;
  /** Aborted once nobody waits for the answer. */
  signal: AbortSignal;
  /** All permissions of the user. */
  permissions: () => Promise<Permission[]>;
}
