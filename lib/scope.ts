import { AsyncLocalStorage } from 'node:async_hooks';
import { processWide } from './process-wide';
import type { Outcome } from './vocabulary';
import type { Origin } from './event/event';

/** What surrounds the calls of one request, or of one job. */
export interface Scope {
  /** Read when an event is recorded: authentication happens after the scope has begun. */
  origin(): Origin;
  /** Told of each event recorded in the scope. */
  recorded(outcome: Outcome): void;
  /**
   * Whether the application has answered. What still runs then, a queue's worker or a timer that the request happened to
   * start, may serve others, and must not sign their work with its tenant.
   */
  readonly isOver: boolean;
  /** The scope in which this one began. */
  readonly within?: Scope | undefined;
}

const storage = processWide('scopes', () => new AsyncLocalStorage<Scope>());

/** Runs `call`, and all that it starts, within `scope`. */
export function runInScope<T>(scope: Scope, call: () => T): T {
  return storage.run(scope, call);
}

/** The scope that the caller runs in; null when there is none, or its request was answered. */
export function currentScope(): Scope | null {
  const scope = storage.getStore();
  return scope === undefined || scope.isOver ? null : scope;
}

/** Whether the caller runs in `scope`, or in one that began there. */
export function isWithin(scope: Scope): boolean {
  let current = storage.getStore();
  while (current !== undefined && current !== scope) current = current.within;
  return current !== undefined;
}

/** A scope that says who acts, wherever that runs. */
export function scopeOf(origin: Origin): Scope {
  return { origin: () => origin, recorded: () => undefined, isOver: false, within: storage.getStore() };
}
