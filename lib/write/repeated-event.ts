import type { DraftedEvent } from '../event/drafter';

/** One entry that stands for many events. They differ in their time only. */
export class RepeatedEvent {
  private constructor(
    private readonly drafted: DraftedEvent,
    private count: number,
    private to: string,
  ) {}

  /** Begins with the first event. The entry has its id and time. */
  static first(drafted: DraftedEvent): RepeatedEvent {
    return new RepeatedEvent(drafted, 1, drafted.draft.occurredAt);
  }

  get id(): string {
    return this.drafted.draft.id;
  }

  /** Counts one more event, at an ISO instant. */
  repeat(at: string): void {
    this.count++;
    if (at > this.to) this.to = at; // the clock may have been set back
  }

  /** The event to be recorded. Its metadata has the number of events, and the times of the first and the last. */
  end(): DraftedEvent {
    const { draft, bytes } = this.drafted;
    const metadata = { count: this.count, from: draft.occurredAt, to: this.to };
    return { draft: { ...draft, metadata }, occurredAtGiven: true, bytes };
  }
}
