import { withAuditLedger } from 'express-audit-ledger/next';

export default withAuditLedger({
  experimental: { authInterrupts: true }, // for unauthorized() and forbidden()
});
