import { AuditError } from '../errors';
import type { Store } from './store';

/** The calls of a store that write. `head` is none: where it must wait for a majority, it may write nothing to wait for. */
const WRITES: ReadonlySet<PropertyKey> = new Set<keyof Store>([
  'prepare',
  'append',
  'addToOutbox',
  'removeFromOutbox',
  'acquireLease',
  'releaseLease',
  'putTiles',
  'addCheckpoint',
  'addKey',
  'changeKey',
  'addStream',
  'changeStream',
  'reportStream',
  'removeStream',
  'moveCursors',
  'addSetAside',
  'removeSetAside',
]);

/** A store whose calls that would write are refused with `READ_ONLY`. */
export function readOnlyStore(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (WRITES.has(name)) return () => Promise.reject(readOnly());
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

export function readOnly(): AuditError {
  const mend = 'record, sign and export with proof where the ledger is made without `readOnly`';
  return new AuditError('READ_ONLY', `The ledger is read-only, and writes nothing: ${mend}.`);
}
