import type { Problem, ProblemKind } from '../../chain/chain-check';

/** Problems that a report holds at most; `count` counts all. */
const REPORTED = 100;

/** All that is wrong with one file. */
export class Problems {
  readonly list: Problem[] = [];
  count = 0;

  add(kind: ProblemKind, seq: number | null, message: string): void {
    this.count++;
    if (this.list.length < REPORTED) this.list.push({ kind, seq, message });
  }
}

/** What makes the rest of a file impossible to read. Thrown and caught in this room alone. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly kind: ProblemKind,
    readonly seq: number | null,
    message: string,
  ) {
    super(message);
  }
}
