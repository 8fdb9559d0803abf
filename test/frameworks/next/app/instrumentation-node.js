import mongoose from 'mongoose';
import { closeBeforeExit } from 'express-audit-ledger/next';
import { audit } from './lib/audit.js';

await mongoose.connect(process.env.MONGODB_URI, { dbName: process.env.DB_NAME });
closeBeforeExit(audit);
