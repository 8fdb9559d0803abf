import { isPrintable } from '../event/instant';
import { attempt } from '../util/attempt';
import { isObject } from '../util/complaints';
import { oneLine } from './one-line';

/** How a stream goes, as it is kept for other processes. */
export interface Progress {
  /** Entries that the destination has taken since the stream began. */
  delivered: number;
  lag: { entries: number; seconds: number };
  /** In milliseconds since 1970. */
  lastSuccess: number | null;
  lastError: { reason: string; at: number } | null;
  failingSince: number | null;
}

/** That of a stream of which nothing is told yet. */
export function newProgress(): Progress {
  return {
    delivered: 0,
    lag: { entries: 0, seconds: 0 },
    lastSuccess: null,
    lastError: null,
    failingSince: null,
  };
}

/** What another process has told. Whoever holds the database may have written it: what is no such thing is left out. */
export function readProgress(text: string | null): Progress {
  const told: unknown = attempt(() => JSON.parse(text ?? '') as unknown);
  if (!isObject(told)) return newProgress();
  const { delivered, lag, lastSuccess, lastError, failingSince } = told;
  const { entries, seconds } = isObject(lag) ? lag : {};
  const { reason, at } = isObject(lastError) ? lastError : {};
  const errorAt = instant(at);
  return {
    delivered: count(delivered),
    lag: { entries: count(entries), seconds: Number.isFinite(seconds) ? Math.max(0, Number(seconds)) : 0 },
    lastSuccess: instant(lastSuccess),
    lastError:
      typeof reason === 'string' && errorAt !== null ? { reason: oneLine(reason), at: errorAt } : null,
    failingSince: instant(failingSince),
  };
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0;
}

function instant(value: unknown): number | null {
  return Number.isSafeInteger(value) && isPrintable(Number(value)) ? Number(value) : null;
}
