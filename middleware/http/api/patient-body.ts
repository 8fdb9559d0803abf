import { clearTimeout, setTimeout } from '../../../lib/real-timers';
import type { Answer } from './answer';
import type { Asked, Client } from './asked';

type Portion = string | Uint8Array;

/** How long a reader may take for a portion of a body, or for the rest of it, in milliseconds. */
const PATIENCE = 30_000;

/** Larger texts go in portions of so many bytes: what a reader does not take is not kept for it. */
const PORTION = 65_536;

/** How long a body waits for its reader. */
export interface Patience {
  /** For each portion, in milliseconds: 30,000 when left out. */
  patience?: number;
  /** For the end of it. */
  last?: number;
  /** Ends it: a portion that was not taken by then is not waited for. */
  over?: AbortSignal;
}

/** The answer, whose reader is waited for so long and no longer. */
export function patientAnswer(answer: Answer, { client, method }: Asked): Answer {
  const { body, headers } = answer;
  if (body !== null && typeof body !== 'string') return answer; // these have their own
  if (typeof body !== 'string' || body.length <= PORTION || method === 'HEAD') {
    client.takesLast(PATIENCE);
    return answer;
  }
  const bytes = Buffer.from(body, 'utf8');
  const sized = { ...headers, 'Content-Length': String(bytes.length) };
  return { ...answer, headers: sized, body: patiently(portionsOf(bytes), client) };
}

/**
 * A body that waits for its reader: one who takes no portion in time is dropped, also one who never begins, and what
 * stands behind the body is let go.
 */
export function patiently(
  body: AsyncIterable<Portion> | Iterable<Portion>,
  client: Client,
  patience: Patience = {},
): AsyncIterableIterator<Portion> {
  return new PatientBody(body, client, patience);
}

class PatientBody implements AsyncIterableIterator<Portion> {
  private readonly portions: AsyncIterator<Portion> | Iterator<Portion>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    body: AsyncIterable<Portion> | Iterable<Portion>,
    private readonly client: Client,
    private readonly patience: Patience,
  ) {
    this.portions = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
    this.await();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Portion>> {
    this.taken();
    const { over, patience, last = patience ?? PATIENCE } = this.patience;
    const step = await this.portions.next();
    if (step.done === true || over?.aborted === true) {
      this.client.takesLast(last);
      return step.done === true ? step : this.return();
    }
    this.await();
    return step;
  }

  async return(): Promise<IteratorResult<Portion>> {
    this.taken();
    await this.portions.return?.();
    return { done: true, value: undefined };
  }

  private await(): void {
    const { over, patience = PATIENCE } = this.patience;
    this.timer = setTimeout(this.drop, patience).unref();
    over?.addEventListener('abort', this.drop);
  }

  private taken(): void {
    clearTimeout(this.timer);
    this.patience.over?.removeEventListener('abort', this.drop);
  }

  /** What ends it may fail: nobody is there to be told. */
  private readonly drop = (): void => {
    this.client.drop();
    this.return().catch(() => undefined);
  };
}

function* portionsOf(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PORTION) yield bytes.subarray(at, at + PORTION);
}
