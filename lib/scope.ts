import { AuditError } from './errors';
import { processWide } from './process-wide';
import { attempt } from './util/attempt';
import { Complaints, isObject } from './util/complaints';
import type { ActorType, Outcome } from './vocabulary';
import type { Origin } from './event/event';

/** What surrounds the calls of one request, or of one job. */
export interface Scope {
  /** Read when an event is recorded: authentication happens after the scope has begun. */
  origin(): Origin;
  /** Of that the actor alone, where it takes less to tell. */
  actor?(): Origin['actor'];
  /** Told of each event recorded in the scope, as it was drafted. */
  recorded(draft: { outcome: Outcome; actorType?: ActorType | undefined }): void;
  /** Told of each event in the scope, also of one that was captured and not called for. */
  noted?: ((action: string, isCaptured: boolean) => void) | undefined;
  /**
   * Whether the application has answered. What still runs then, a queue's worker or a timer that the request happened to
   * start, may serve others, and must not sign their work with its tenant.
   */
  readonly isOver: boolean;
  /** The scope in which this one began. */
  readonly within?: Scope | undefined;
}

/** What follows calls through all that they start. */
interface ScopeStorage {
  run<T>(scope: Scope | undefined, call: () => T): T;
  getStore(): Scope | undefined;
}

/** Null where the runtime has none. */
const storage: ScopeStorage | null = findStorage();

/**
 * The Edge runtime gives its own as a global; Node.js, Deno, Bun and Cloudflare with `nodejs_compat` theirs by name. It is
 * asked for and not imported: this also runs where there is none, and where to ask is an error, as in Next's Edge runtime.
 */
function findStorage(): ScopeStorage | null {
  const { process, AsyncLocalStorage } = globalThis as unknown as Surroundings;
  const named = () => process?.getBuiltinModule?.('node:async_hooks') as StorageHolder | undefined;
  const Storage = AsyncLocalStorage ?? attempt(named)?.AsyncLocalStorage;
  return Storage ? processWide('scopes', () => new Storage()) : null;
}

interface StorageHolder {
  AsyncLocalStorage?: new () => ScopeStorage;
}

interface Surroundings extends StorageHolder {
  process?: {
    getBuiltinModule?(name: string): object | undefined;
    versions?: { node?: string | undefined };
  };
}

/** Whether a promise holds on to the scope that it is made in: in Node.js before 24, whose hooks write it into each. */
const HOLDS_SCOPES = Number.parseInt((globalThis as Surroundings).process?.versions?.node ?? '24') < 24;

/**
 * Runs `call`, and all that it starts, within `scope`.
 * @throws AuditError `INVALID_OPTIONS` where the runtime cannot follow what a call starts.
 */
export function runInScope<T>(scope: Scope, call: () => T): T {
  if (storage) return storage.run(scope, call);
  const mend = 'give each event its `actor` and `tenantId`, or turn it on (`nodejs_compat` on Cloudflare)';
  throw new AuditError(
    'INVALID_OPTIONS',
    `runAs cannot run: this runtime has no AsyncLocalStorage: ${mend}.`,
  );
}

/** Makes a promise that outlives its request, and must not keep the scope, the request and all that belongs to it. */
export function outOfScope<T>(make: () => T): T {
  return storage && HOLDS_SCOPES ? storage.run(undefined, make) : make();
}

/** The scope that the caller runs in; null when there is none, or its request was answered. */
export function currentScope(): Scope | null {
  const scope = storage?.getStore();
  return scope === undefined || scope.isOver ? null : scope;
}

/** Whether the caller runs in `scope`, or in one that began there. */
export function isWithin(scope: Scope): boolean {
  let current = storage?.getStore();
  while (current !== undefined && current !== scope) current = current.within;
  return current !== undefined;
}

/** A scope that says who acts, wherever that runs. */
export function scopeOf(origin: Origin): Scope {
  return { origin: () => origin, recorded: () => undefined, isOver: false, within: storage?.getStore() };
}

/**
 * Runs `call` in a scope that says who acts.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function runAs<Result>(who: Origin, call: () => Result): Result {
  const complaints = new Complaints();
  if (!isObject(who)) complaints.add('who', 'an object such as { actor, tenantId }', who);
  else complaints.unknownFields(who, ['actor', 'tenantId', 'context']);
  if (typeof call !== 'function') complaints.add('call', 'a function', call);
  complaints.assertNone('INVALID_OPTIONS', 'runAs cannot run');
  return runInScope(scopeOf({ ...who }), call);
}
