import * as ledger from '../../index';
import { PATIENCE } from './patience';

/** As that of the package, but its receipts may take as long as a test: a busy machine decides nothing. */
export const createAudit: typeof ledger.createAudit = (options) =>
  ledger.createAudit({ timeoutMs: PATIENCE, ...options });
