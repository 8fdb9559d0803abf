import type { DraftedEvent } from '../event/drafter';

/** One entry for many events that differ in their time alone. */
export class RepeatedEvent {
  private constructor(
    private readonly drafted: DraftedEvent,
    private count: number,
    private to: string,
  ) {}

  /** The first of the events; the entry has its id and time. */
  static first(drafted: DraftedEvent): RepeatedEvent {
    return new RepeatedEvent(drafted, 1, drafted.draft.occurredAt);
  }

  get id(): string {
    return this.drafted.draft.id;
  }

  /** One more, at an ISO instant. */
  repeat(at: string): void {
    this.count++;
    if (at > this.to) this.to = at; // the clock may have been put back
  }

  /** The entry: its metadata counts the events, and says when the first and the last of them happened. */
  end(): DraftedEvent {
    const { draft, bytes } = this.drafted;
    const metadata = { count: this.count, from: draft.occurredAt, to: this.to };
    return { draft: { ...draft, metadata }, occurredAtGiven: true, bytes };
  }
}
