import { AuditError } from '../errors';
import { type ActionDefinition, faultIn } from './define-actions';

/** The catalogue of an application's actions, as a ledger holds it. */
export interface Catalogue {
  definitions: Readonly<Record<string, ActionDefinition>>;
  /** Whether an event with other metadata is refused: in tests. Elsewhere it may be what a user has sent, and is recorded. */
  isStrict: boolean;
}

/** What of an event a catalogue is about. */
interface NamedEvent {
  action: string;
  metadata?: unknown;
}

/** @throws AuditError `INVALID_EVENT` for metadata that is none of its action's, where that is refused; it is reported elsewhere. */
export function checkMetadata(
  { definitions, isStrict }: Catalogue,
  event: NamedEvent,
  report: (error: Error) => void,
): void {
  const fault = attemptFault(definitions, event);
  if (fault === null) return;
  const what = `The metadata of ${JSON.stringify(event.action)} is not as defineActions says: ${fault}`;
  if (isStrict) throw new AuditError('INVALID_EVENT', `${what}.`);
  report(new AuditError('INVALID_EVENT', `${what}. The event was recorded all the same.`));
}

/** A schema is a function of the application's. */
function attemptFault(definitions: Catalogue['definitions'], event: NamedEvent): string | null {
  try {
    return faultIn(definitions, event);
  } catch (error) {
    return `its schema threw: ${String(error)}`;
  }
}
