import { bare } from './bare';
import { createOnFinish } from './create-on-finish';
import { evlog } from './evlog';
import { ledger, ledgerWithSpool } from './ledger';
import type { Peer } from './peer';
import { namedIn } from './plan';
import { winstonMongodb } from './winston-mongodb';

const ALL: readonly Peer[] = [bare, ledger, ledgerWithSpool, createOnFinish, evlog, winstonMongodb];

/** The contenders, in the order of the columns. The first is what the others are compared with. */
export const PEERS = ALL.filter((peer) => peer === bare || namedIn('BENCH_PEERS', peer.name));
