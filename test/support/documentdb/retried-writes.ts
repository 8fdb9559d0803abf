import { type Binary } from 'bson';
import { type Command } from './command';
import { isInTransaction } from './transactions';

/** Sessions whose last write is remembered. */
const MOST_SESSIONS = 10_000;

/** The replies of retryable writes, by which a write that is sent again is carried out once. */
export interface RetriedWrites {
  /** What `carryOut` gives; for a write that was carried out before, or is, what it gave then. */
  once(command: Command, carryOut: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** Whether a driver may send this write again: it has a number, and is no part of a transaction. */
export const isRetryable = (command: Command): boolean =>
  command.arguments['txnNumber'] !== undefined && !isInTransaction(command);

/** Remembers nothing yet; in memory, so a restart forgets. */
export function createRetriedWrites(): RetriedWrites {
  const last = new Map<string, { number: string; reply: Promise<Uint8Array> }>();
  return {
    once(command, carryOut) {
      if (!isRetryable(command)) return carryOut();
      const session = (command.arguments['lsid'] as { id: Binary }).id.toString('hex');
      const number = String(command.arguments['txnNumber']);
      const known = last.get(session);
      if (known?.number === number) return known.reply;
      const reply = carryOut();
      last.delete(session);
      last.set(session, { number, reply });
      // One that failed as a whole is carried out when it comes again.
      reply.catch(() => {
        if (last.get(session)?.reply === reply) last.delete(session);
      });
      const [oldest] = last.keys();
      if (last.size > MOST_SESSIONS && oldest !== undefined) last.delete(oldest);
      return reply;
    },
  };
}
