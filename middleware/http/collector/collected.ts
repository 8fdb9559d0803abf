import { Problem } from '../api/problem';

/** The portions of a body, up to a limit in bytes. */
export class Collected {
  readonly #portions: Uint8Array[] = [];
  #size = 0;

  /**
   * @param length what the request says of its length
   * @throws Problem 413 for one that says that it is too long
   */
  constructor(
    length: string | undefined,
    private readonly limit: number,
  ) {
    if (Number(length) > limit) this.refuse();
  }

  /** False when it is too much. */
  add(portion: Uint8Array): boolean {
    this.#size += portion.byteLength;
    if (this.#size > this.limit) return false;
    this.#portions.push(portion);
    return true;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#portions);
  }

  refuse(): never {
    throw tooLarge(this.limit);
  }
}

/** The problem of a body, or of what it holds, beyond its bounds. */
export function tooLarge(bytes: number, events?: number): Problem {
  const detail =
    events === undefined
      ? `A body has at most ${bytes} bytes, also once it is decompressed: send fewer events at a time.`
      : `A request has at most ${events} events: send fewer at a time.`;
  return new Problem(413, detail, undefined, { members: { limit: { bytes, ...(events && { events }) } } });
}
