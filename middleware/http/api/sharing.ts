import type { Answer } from './answer';
import type { Client } from './asked';
import { Problem } from './problem';

/** An answer that is being made, and how many wait for it. */
interface Shared {
  answer: Promise<Answer>;
  askers: number;
  readonly ending: AbortController;
}

/** Who asks the same at the same time gets one answer; the work ends once all who wait for it have gone. */
export class Sharing {
  readonly #shared = new Map<string, Shared>();

  /**
   * @param question what is asked; null for one that is nobody else's
   * @throws what `begin` does
   */
  async ask(
    question: string | null,
    client: Client,
    begin: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const shared = (question !== null && this.#shared.get(question)) || this.#begin(question, begin);
    shared.askers++;
    let stop = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      stop = client.whenLeft(() => reject(new Problem(408, 'The client has gone.')));
    });
    try {
      return await Promise.race([shared.answer, left]);
    } finally {
      stop();
      if (--shared.askers === 0) this.#end(question, shared);
    }
  }

  #begin(question: string | null, begin: (signal: AbortSignal) => Promise<Answer>): Shared {
    const ending = new AbortController();
    const answer = begin(ending.signal);
    const shared = { answer, askers: 0, ending };
    answer.catch(() => undefined); // whoever still waits is told
    if (question !== null) this.#shared.set(question, shared);
    return shared;
  }

  /** Also of one that was made: who asks later asks for what is there then. */
  #end(question: string | null, shared: Shared): void {
    shared.ending.abort();
    if (question !== null && this.#shared.get(question) === shared) this.#shared.delete(question);
  }
}
