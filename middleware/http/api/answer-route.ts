import type { AdmittedRequest } from './admitted-request';
import { type Answer, json } from './answer';
import type { ReadingLimits } from './reading-limits';
import { type RecordAccess, recordRead } from './record-access';
import type { Route } from './routes';

/** A request that was admitted, but for what answering it adds. */
export type Wanted = Omit<AdmittedRequest, 'signal' | 'recordsExports'>;

/** What answers are made with, in an application or for a key. */
export interface AnsweringParts {
  recordAccess: RecordAccess;
  limits: ReadingLimits;
  /** The object by which the request's scope is found. */
  holder: object;
}

/** Whether a route's answers leave an entry `audit.read`. */
export function isRecordedRead({ showsEntries }: Route, recordAccess: RecordAccess): boolean {
  return showsEntries === true && recordAccess === 'all';
}

/** Whether asking for a route leaves an entry, or costs more than one reading. */
export function isDear(route: Route, recordAccess: RecordAccess): boolean {
  return isRecordedRead(route, recordAccess) || (route.cost !== 'none' && route.cost !== 'read');
}

/**
 * Answers who may ask: within their limits, and on record where that is wanted.
 * @throws Problem 429, 503; what recording and the route throw
 */
export async function answerRoute(
  route: Route,
  wanted: Wanted,
  { recordAccess, limits, holder }: AnsweringParts,
): Promise<Answer> {
  const { ledger, asked, query, name } = wanted;
  const isRead = isRecordedRead(route, recordAccess);
  const recordsExports = recordAccess !== 'none' && !ledger.isReadOnly;
  if (asked.method === 'HEAD') {
    // The headers alone leave no entry: what they would say of a body would be a reading of it.
    if (isRead || route.cost === 'count' || route.cost === 'walk') return { ...json(null), body: null };
  } else if (route.cost === 'export' && (recordsExports || query['proof'] !== false)) {
    limits.record('exports', wanted);
  }
  if (isRead) {
    limits.record('reads', wanted);
    await recordRead(ledger, holder, wanted, { route: route.path, resource: name || undefined, query });
  }
  return limits.answer(route, { ...wanted, recordsExports });
}
