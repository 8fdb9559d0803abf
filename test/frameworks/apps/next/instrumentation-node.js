import mongoose from 'mongoose';
import { closeBeforeExit } from 'express-audit-ledger/next';
import { audit, second } from './lib/audit.js';
import { startQueue } from './lib/queue.js';

await mongoose.connect(process.env.MONGODB_URI, { dbName: process.env.DB_NAME });
startQueue();
closeBeforeExit(audit, second);
