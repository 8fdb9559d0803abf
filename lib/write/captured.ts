import type { DraftedEvent } from '../event/drafter';
import type { AuditEvent } from '../event/event';
import type { Scope } from '../scope';
import { SYSTEM_TENANT } from '../vocabulary';
import type { RepetitionKey } from './folding';
import type { Recording } from './recording';

/** Who the events of more callers than are told apart are by. */
const MANY = { id: 'various', type: 'anonymous' } as const;

/** What captured events are recorded with. */
export interface CapturedParts {
  recording: Recording;
  /** Whether nothing is recorded. */
  isReadOnly: boolean;
  /** Makes the draft of an event of the ledger's own. */
  draft: (event: AuditEvent, scope: Scope | null) => DraftedEvent;
  /** Records one. */
  record: (event: AuditEvent, scope: Scope) => Promise<unknown>;
  report: (error: Error) => void;
}

/** The events that the ledger captures of requests: clients choose how many there are, and what they say. */
export class Captured {
  /** @param defaultTenant the tenant of requests that name none, which is known */
  constructor(
    private readonly parts: CapturedParts,
    private readonly defaultTenant: string | undefined,
  ) {}

  /** Records an event of one request: an entry of an activity trail. */
  record(event: AuditEvent & { tenantId: string }, scope: Scope): void {
    if (this.parts.isReadOnly) return;
    void this.parts.record(this.ofKnownTenant(event, scope), scope); // which reports its failures
  }

  /**
   * Records an event that clients can repeat, such as a refused request or an export, or counts it where it is one of
   * many.
   */
  fold(key: RepetitionKey, event: AuditEvent, scope: Scope): void {
    const { recording, isReadOnly, draft, report } = this.parts;
    if (isReadOnly) return;
    const { action, tenantId: named } = key;
    const { outcome } = event;
    try {
      const captured = this.ofKnownTenant({ ...event, tenantId: named }, scope);
      const { tenantId } = captured;
      const repeatable = {
        key: named === tenantId ? key : { ...key, tenantId },
        share: key.resource === undefined ? this.shareOf(key) : undefined,
        draft: () => draft(captured, scope),
        draftOfMany: (of: string) => draft({ tenantId: of, action, actor: MANY, outcome }, null),
      };
      recording.fold(repeatable, { recorded: () => undefined, failed: report });
    } catch (error) {
      report(error as Error);
    }
  }

  /**
   * A tenant's refusals take nothing from those of another, and those of nobody nothing from those of its users. Tenants
   * that nobody knows have one share: that of the ledger's own.
   */
  private shareOf({ tenantId, actor }: RepetitionKey): string {
    const tenant = this.isKnown(tenantId) ? tenantId : SYSTEM_TENANT;
    return JSON.stringify([tenant, actor !== '']);
  }

  /** So is the ledger's own. */
  private isKnown(tenantId: string): boolean {
    return tenantId === this.defaultTenant || this.parts.recording.strangers.knows(tenantId);
  }

  /**
   * Requests name tenants that clients may have made up: beyond a bound they are the ledger's own, which says what was
   * named.
   */
  private ofKnownTenant<Event extends AuditEvent & { tenantId: string }>(event: Event, scope: Scope): Event {
    const { tenantId } = event;
    if (this.isKnown(tenantId)) return event;
    const actor = event.actor ?? (scope.actor ? scope.actor() : scope.origin().actor);
    const known = this.parts.recording.strangers.tenantOf(tenantId, actor !== undefined);
    return known === tenantId
      ? event
      : { ...event, tenantId: known, metadata: { ...event.metadata, tenantId } };
  }
}
