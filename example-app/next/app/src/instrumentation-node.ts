import { closeBeforeExit } from 'express-audit-ledger/next';
import mongoose from 'mongoose';
import { auditLog } from './lib/audit';

const { MONGODB_URI = '', DATABASE = '' } = process.env;

await mongoose.connect(MONGODB_URI, { dbName: DATABASE });
closeBeforeExit(auditLog);
