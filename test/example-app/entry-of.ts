import type { Audit, Entry, ListQuery } from 'express-audit-ledger';

const LIMIT_MS = 10_000;

/** The newest entry that a query finds, as soon as there is one: capture records after the response has ended. */
export async function entryOf(audit: Audit, query: ListQuery): Promise<Entry> {
  let look = (): void => undefined;
  const found = new Promise<Entry>((resolve, reject) => {
    look = () => void audit.list({ ...query, limit: 1 }).then(([entry]) => entry && resolve(entry), reject);
    const giveUp = () => reject(new Error(`Nothing was recorded that fits ${JSON.stringify(query)}.`));
    AbortSignal.timeout(LIMIT_MS).addEventListener('abort', giveUp);
  });
  audit.on('recorded', look);
  look();
  return found.finally(() => audit.off('recorded', look));
}
