import type { Request, Response } from 'express';
import type { Ledger } from '../../../lib/ledger';
import type { Admitted, Permission } from './admission';

/** A request that was let in and whose parameters are right. */
export interface AdmittedRequest extends Admitted {
  ledger: Ledger;
  query: Record<string, unknown>;
  /** What the path names, decoded; empty where it names nothing. */
  name: string;
  req: Request;
  res: Response;
  /** Whether exports are recorded that need not be, for what their files say. */
  recordsExports: boolean;
  /** All that the request may do. */
  permissions: () => Promise<Permission[]>;
}
