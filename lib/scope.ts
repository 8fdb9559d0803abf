import { AsyncLocalStorage } from 'node:async_hooks';
import type { Outcome } from './vocabulary';
import type { Origin } from './event/event';

/** How long after the response `audit.event()` still takes a request's actor and tenant, in milliseconds. */
const AFTERGLOW = 30_000;

/** What surrounds the calls that one request makes. */
export interface Scope {
  /** Read when an event is recorded: authentication happens after the scope has begun. */
  origin(): Origin;
  /** Told of each event recorded in the scope. */
  recorded(outcome: Outcome): void;
  /** When the response ended, in milliseconds since 1970; null while it is under way. */
  readonly endedAt: number | null;
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs `call`, and all that it starts, within `scope`. */
export function runInScope<T>(scope: Scope, call: () => T): T {
  return storage.run(scope, call);
}

/**
 * The scope that the caller runs in. It ends 30 s after the response: a timer or pool that a request happened to
 * start must not sign later work with its tenant.
 */
export function currentScope(now: number): Scope | null {
  const scope = storage.getStore();
  if (!scope) return null;
  return scope.endedAt !== null && now > scope.endedAt + AFTERGLOW ? null : scope;
}
