export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { default: mongoose } = await import('mongoose');
  const { closeBeforeExit } = await import('express-audit-ledger/next');
  const { audit, second } = await import('./lib/audit.js');
  const { startQueue } = await import('./lib/queue.js');
  await mongoose.connect(process.env.MONGODB_URI, { dbName: process.env.DB_NAME });
  startQueue();
  closeBeforeExit(audit, second);
}
