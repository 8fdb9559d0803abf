import type { DraftedEvent } from '../event/drafter';

/**
 * One entry that stands for many events. They have who, what and where in common; what else they say of themselves, such
 * as the size of one answer, would be true of the first alone and is left out.
 */
export class RepeatedEvent {
  private constructor(
    /** The first event, without its values. */
    readonly first: DraftedEvent,
    private count: number,
    private to: string,
  ) {}

  /** Begins with the first event. The entry has its id and time. */
  static first({ draft, ...others }: DraftedEvent): RepeatedEvent {
    const { metadata, before, after, ...named } = draft;
    return new RepeatedEvent({ draft: named, ...others }, 1, draft.occurredAt);
  }

  get id(): string {
    return this.first.draft.id;
  }

  /** Counts one more event, at an ISO instant. */
  repeat(at: string): void {
    this.count++;
    if (at > this.to) this.to = at; // the clock may have been set back
  }

  /** The event to be recorded. Its metadata has the number of events, and the times of the first and the last. */
  end(): DraftedEvent {
    const { draft, bytes } = this.first;
    const metadata = { count: this.count, from: draft.occurredAt, to: this.to };
    return { draft: { ...draft, metadata }, occurredAtGiven: true, bytes };
  }
}
