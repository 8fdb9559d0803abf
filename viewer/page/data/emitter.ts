/** Something that tells when it has changed. */
export class Emitter {
  private readonly listeners = new Set<() => void>();

  /** Gives what ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
