export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { default: mongoose } = await import('mongoose');
  const { closeBeforeExit } = await import('express-audit-ledger/next');
  const { audit } = await import('./lib/audit.js');
  await mongoose.connect(process.env.MONGODB_URI, { dbName: process.env.DB_NAME });
  closeBeforeExit(audit);
}
