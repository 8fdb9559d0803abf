import type { OutboxItem, Session } from '../../lib/store/store';
import { compareTexts } from './compare-texts';
import { MemoryStreams } from './memory-streams';
import { turn } from './turn';

/** The outbox of a store in memory, which takes part in no transaction. */
export class MemoryOutbox extends MemoryStreams {
  private readonly items = new Map<string, OutboxItem>();
  private readonly refused = new Map<string, OutboxItem>();

  protected clearOutbox(): void {
    this.items.clear();
    this.refused.clear();
  }

  /** @throws {Error} for a session in a transaction, which nothing in memory takes part in. */
  async addToOutbox(
    items: readonly OutboxItem[],
    session: Session,
    ready: Promise<void>,
    committed: () => void,
  ): Promise<void> {
    if (session.inTransaction()) throw new Error('MemoryStore has no transactions: test them on a database');
    await ready;
    await turn();
    for (const item of items) {
      if (this.items.has(item.key)) throw new Error(`The outbox has an item ${item.key} already`);
      this.items.set(item.key, { ...item });
    }
    committed();
  }

  isOwnSession(): boolean {
    return false;
  }

  readSubjects(): Promise<never> {
    return Promise.reject(new Error('MemoryStore has no transactions: test them on a database'));
  }

  writeToOutbox(): Promise<never> {
    return this.readSubjects();
  }

  async waitingSubjects(subjects: readonly string[]): Promise<string[]> {
    await turn();
    const waiting = new Set([...this.items.values()].map(({ subject }) => subject));
    return subjects.filter((subject) => waiting.has(subject));
  }

  async findInOutbox(keys: readonly string[]): Promise<OutboxItem[]> {
    await turn();
    return structuredClone(keys.flatMap((key) => this.items.get(key) ?? []));
  }

  async refuseInOutbox(ids: readonly unknown[]): Promise<number> {
    await turn();
    const there = ids.filter((id) => this.items.has(String(id)));
    for (const id of there) this.refused.set(String(id), this.items.get(String(id)) as OutboxItem);
    for (const id of there) this.items.delete(String(id));
    return there.length;
  }

  async readOutbox(limit: number, skip: number): Promise<OutboxItem[]> {
    await turn();
    const oldestFirst = [...this.items.values()].sort((a, b) => a.at - b.at || compareTexts(a.key, b.key));
    return structuredClone(oldestFirst.slice(skip, skip + limit));
  }

  async countOutbox(): Promise<number> {
    await turn();
    return this.items.size;
  }

  async removeFromOutbox(keys: readonly string[]): Promise<void> {
    await turn();
    for (const key of keys) this.items.delete(key);
  }
}
