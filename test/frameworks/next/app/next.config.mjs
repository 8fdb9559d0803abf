import { withAuditLedger } from 'express-audit-ledger/next';

// A function, asynchronous, and what moves the mount of the trail about.
export default withAuditLedger(async () => ({
  experimental: { authInterrupts: true },
  ...(process.env.TRAILING_SLASH && { trailingSlash: true }),
  ...(process.env.OUTPUT && { output: process.env.OUTPUT }),
  ...(process.env.BASE_PATH && { basePath: process.env.BASE_PATH }),
}));
