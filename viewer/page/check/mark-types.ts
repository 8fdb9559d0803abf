/** Why an entry that is in order is not held in place by a checkpoint. `refused`: something near it was altered. */
export type Unanchored = 'permission' | 'none' | 'unsigned' | 'later' | 'proof' | 'refused' | 'unreachable';

/** What is wrong with an entry. */
export type Fault =
  | { kind: 'hash' | 'tenant' | 'note' | 'proof' }
  /** Its predecessor is not the entry with the number before it, or its successor says so; that one may be proven. */
  | { kind: 'before' | 'after'; seq: number; isProven: boolean };

/** What is known of an entry that is shown. */
export type Mark =
  | { state: 'pending' }
  /** @param through the entry whose own proof it was, this one or one linked to it */
  | { state: 'checked'; through: number; size: number }
  | { state: 'unanchored'; reason: Unanchored; size: number }
  | { state: 'broken'; faults: Fault[] };

/** What is known of the newest checkpoint. */
export type CheckpointState =
  | { state: 'pending' }
  | { state: 'signed'; size: number }
  | { state: 'absent'; reason: Exclude<Unanchored, 'later' | 'proof' | 'refused'> }
  | { state: 'forged' };

/** How asking for a proof ended. */
export type ProofAnswer =
  | { result: 'text'; text: string }
  /** No checkpoint covers the entry yet. */
  | { result: 'later' }
  /** The server has no proof that leads to the checkpoint. */
  | { result: 'refused' }
  | { result: 'unreachable' };
