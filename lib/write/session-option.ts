import { Complaints, isObject } from '../util/complaints';
import type { Session } from '../store/store';

/** How an event is recorded. */
export interface EventOptions {
  /** A Mongoose session: the event is part of its transaction. */
  session?: Session | undefined;
}

/** Whether the options of an event name no session. */
export function hasNoSession(options: unknown): boolean {
  return isObject(options) && Object.values(options).every((value) => value === undefined);
}

/**
 * The session in the options of an event, from Mongoose or a driver. Bad options are an error: an event that its caller
 * believes to be in a transaction must not be recorded outside of it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function sessionIn(options: unknown): Session {
  const complaints = new Complaints();
  if (!isObject(options) || isSession(options))
    complaints.add('options', 'an object such as { session }', options);
  else complaints.unknownFields(options, ['session']);
  const session = isObject(options) ? options['session'] : undefined;
  if (complaints.isEmpty && !isSession(session))
    complaints.add('session', 'a Mongoose session, which mongoose.startSession() resolves to', session);
  complaints.assertNone('INVALID_OPTIONS', 'The event was not recorded');
  return session as Session;
}

function isSession(value: unknown): boolean {
  return typeof (value as Partial<Session> | null | undefined)?.inTransaction === 'function';
}
