import type { Session } from './store/store';

/** Where time and chance come from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From [0, 1). */
  random(): number;
}

/** How an event is recorded. */
export interface EventOptions {
  /** A Mongoose session: the event is part of its transaction. */
  session?: Session | undefined;
}

/** What a caller gets for an event in a transaction: its place in the chain is known after the commit. */
export interface PendingReceipt {
  id: string;
  tenantId: string;
  seq: null;
  hash: null;
  recordedAt: null;
}
