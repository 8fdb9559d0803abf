import type { AuditError } from '../../errors';
import type { DraftedEvent } from '../../event/drafter';
import type { Caller } from '../../write/pending-event';

/** Keeps what a client has accepted when its process ends: `diskSpool` makes one, on Node.js. */
export interface ClientSpool {
  /**
   * Begins to keep the events of a client, and to give it those that dead processes have left.
   * @throws AuditError `INVALID_OPTIONS` when it cannot be used.
   */
  open(parts: SpoolParts): OpenSpool;
}

/** What a spool works with. */
export interface SpoolParts {
  /** Waits for room, then accepts an event that a dead process has left. False when the client is closed. */
  accept: (drafted: DraftedEvent, caller: Caller) => Promise<boolean>;
  report: (error: AuditError) => void;
}

/** A spool that keeps the events of one client. */
export interface OpenSpool {
  /**
   * Keeps an event from the return of this call on.
   * @returns what lets go of it; null when the disk did not take it, which is reported
   */
  keep(drafted: DraftedEvent): (() => void) | null;
  /** What is kept stays, for the next client. */
  close(): Promise<void>;
}
