import type { Receipt } from '../../../lib/chain/entry';
import { type AuditError, isAuditError } from '../../../lib/errors';
import type { DraftedEvent } from '../../../lib/event/drafter';
import type { Ledger } from '../../../lib/ledger';
import { clearTimeout, setTimeout } from '../../../lib/real-timers';
import { retryAfter } from '../allowance';
import { Problem } from '../api/problem';
import { storeAway } from './store-away';

/** What became of an event. */
export type Result = { receipt: Receipt; isRepeated: boolean } | { problem: Problem };

/**
 * Records events in their order, and waits until each is durable, or is known not to be, or the time is up. Once the queue
 * has refused one, it is offered no later one: who sends the refused again keeps the order.
 * @param patience in milliseconds
 */
export async function recordEvents(
  ledger: Ledger,
  drafts: readonly DraftedEvent[],
  patience: number,
): Promise<Result[]> {
  const results: (Result | undefined)[] = drafts.map(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let open = drafts.length;
    const settle = (i: number, result: Result) => {
      results[i] ??= result;
      if (--open === 0) resolve();
    };
    timer = setTimeout(resolve, patience);
    offerAll(ledger, drafts, settle);
  });
  clearTimeout(timer);
  return results.map((result) => result ?? { problem: storeAway() });
}

function offerAll(
  ledger: Ledger,
  drafts: readonly DraftedEvent[],
  settle: (i: number, result: Result) => void,
): void {
  let refusal: Problem | null = null;
  for (const [i, drafted] of drafts.entries()) {
    const failed = (error: AuditError) => settle(i, { problem: problemOf(error, ledger) });
    const recorded = (receipt: Receipt, isRepeated = false) => settle(i, { receipt, isRepeated });
    try {
      if (refusal === null) ledger.accept(drafted, { recorded, failed });
    } catch (error) {
      refusal = problemOf(error, ledger);
    }
    if (refusal) settle(i, { problem: refusal });
  }
}

/** Who sends is told of the event, and of the ledger only that it must wait. */
function problemOf(error: unknown, ledger: Ledger): Problem {
  const code = isAuditError(error) ? error.code : undefined;
  if (code === 'ID_CONFLICT') return new Problem(409, (error as Error).message, code);
  // Nothing to send again: the database takes others, and not this one.
  if (code === 'EVENT_REFUSED') return new Problem(422, 'The database does not take this event.', code);
  if (code === 'QUEUE_FULL') {
    const detail = 'The ledger takes no more for now: send it again later, with the same id.';
    return new Problem(429, detail, code, { headers: retryAfter(1) });
  }
  if (code === 'STORE_UNAVAILABLE' || code === 'CLOSED') return storeAway(code);
  ledger.report(isAuditError(error) ? error : new Error('An event could not be recorded', { cause: error }));
  return new Problem(500, 'The event was not recorded.', code);
}
