/**
 * Where an event comes from.
 * - `caller`: the application, which learns how its event ended.
 * - `counted`: one entry for many repeated events, whose callers were answered before.
 * - `own`: the ledger itself, about its own work.
 * - `kept`: the outbox or an abandoned spool folder, which stores the event until it is recorded.
 */
export type Source = 'caller' | 'counted' | 'own' | 'kept';

/** How the queue treats the events of one source. */
export interface SourcePolicy {
  /** Whether the queue refuses the event when it is full or closed. */
  readonly mayBeRefused: boolean;
  /** Whether the event waits in the spool alone when memory is full, and later events behind it. */
  readonly mayBacklog: boolean;
  /** Whether the event takes capacity of the queue. */
  readonly takesCapacity: boolean;
  /** Whether the event appears in `stats()`, in `recorded` signals and in what `flush()` waits for. */
  readonly isCounted: boolean;
  /** Whether the process stays alive while the event waits for the next try. */
  readonly keepsProcessAlive: boolean;
  /** Whether the event is written to the spool when it is accepted. */
  readonly isSpooled: boolean;
}

export const SOURCE_POLICIES: Readonly<Record<Source, SourcePolicy>> = {
  caller: {
    mayBeRefused: true,
    mayBacklog: true,
    takesCapacity: true,
    isCounted: true,
    keepsProcessAlive: true,
    isSpooled: true,
  },
  counted: {
    mayBeRefused: false,
    mayBacklog: false,
    takesCapacity: true,
    isCounted: true,
    keepsProcessAlive: true,
    isSpooled: true,
  },
  own: {
    mayBeRefused: false,
    mayBacklog: false,
    takesCapacity: false,
    isCounted: false,
    keepsProcessAlive: false,
    isSpooled: true,
  },
  kept: {
    mayBeRefused: true,
    mayBacklog: false,
    takesCapacity: true,
    isCounted: true,
    keepsProcessAlive: true,
    isSpooled: false,
  },
};
