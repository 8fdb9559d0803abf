import { bare } from './bare';
import { createOnFinish } from './create-on-finish';
import { evlog } from './evlog';
import { ledger, ledgerWithSpool } from './ledger';
import type { Peer } from './peer';
import { winstonMongodb } from './winston-mongodb';

/** The contenders, in the order of the columns. The first is what the others are compared with. */
export const PEERS: readonly Peer[] = [bare, ledger, ledgerWithSpool, createOnFinish, evlog, winstonMongodb];
