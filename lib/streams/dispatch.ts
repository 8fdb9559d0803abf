import { type Backoff, delay } from '../write/backoff';
import { pause } from '../write/pause';
import type { SetAside } from '../store/stream-store';
import type { Delivery, Piece, Refused } from './destination';

/** What dispatch works with. */
export interface DispatchParts {
  /** Pieces of one delivery, at most. */
  most: () => number;
  /** One try. Never throws: what the destination threw is a `retry`. */
  deliver: (pieces: readonly Piece[]) => Promise<Delivery>;
  setAside: (entries: Omit<SetAside, 'at'>[]) => Promise<void>;
  /** How many more entries may be set aside. */
  room: () => Promise<number>;
  /** A try has failed; the next is so many milliseconds away. `attempt` counts from 1, again after each success. */
  failed: (failure: { delivery: Failure; attempt: number; wait: number }) => void;
  succeeded: () => void;
  random: () => number;
}

/** A delivery after which somebody must wait. */
export type Failure = Extract<Delivery, { result: 'retry' | 'stop' }>;

/** While the destination is away or busy. */
const AWAY: Backoff = { first: 500, last: 60_000 };

/** While it takes nothing until somebody changes something: secrets are asked for anew at each try. */
const STOPPED: Backoff = { first: 10_000, last: 300_000 };

/** The least part of a wait: full jitter alone may give none. */
const LEAST = 0.2;

/** A destination that asks for more patience is tried all the same after so long, in milliseconds. */
const MOST = 3_600_000;

/** So many refusals in a row are no longer those of single entries: they are slowed down, and tell of a failure. */
const MANY = 20;

const RESULTS: readonly unknown[] = ['taken', 'retry', 'split', 'stop'];

/** Gives batches to a destination until all that is in them was taken or set aside. */
export class Dispatch {
  private attempt = 0;
  private refusals = 0;

  constructor(private readonly parts: DispatchParts) {}

  /**
   * Resolves when every piece was taken or set aside, in order.
   * @throws an `AbortError` when `signal` is aborted while it waits
   */
  async settle(pieces: readonly Piece[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { most } = this.parts;
    for (let begin = 0; begin < pieces.length; begin += most())
      await this.settlePart(pieces.slice(begin, begin + most()), signal);
  }

  /** What one delivery may hold. Once it was begun it ends only where it would have to wait: what was taken comes again otherwise. */
  private async settlePart(pieces: readonly Piece[], signal: AbortSignal): Promise<void> {
    let rest = pieces;
    while (rest.length > 0) {
      const delivery = await this.withinRoom(sensible(await this.parts.deliver(rest), rest.length), rest);
      if (delivery.result === 'split') {
        const [first, second] = halves(rest);
        await this.settlePart(first, signal);
        rest = second;
        continue;
      }
      const failed = delivery.result !== 'taken';
      const left = failed ? [] : [...(delivery.refused ?? []), ...(delivery.rest ?? [])];
      if (!failed && left.length < rest.length) this.succeeded();
      if (delivery.result !== 'stop') await this.refuse(rest, delivery.refused ?? [], signal);
      if (failed) await this.wait(delivery, signal);
      rest = remaining(rest, delivery);
    }
  }

  /**
   * A delivery in which a single piece that cannot be split is refused, and nothing is refused that there is no room for: it is
   * tried again instead, for nothing is dropped.
   */
  private async withinRoom(delivery: Delivery, pieces: readonly Piece[]): Promise<Delivery> {
    const isSingle = delivery.result === 'split' && pieces.length === 1;
    const judged: Delivery = isSingle
      ? { result: 'taken', refused: [{ index: 0, reason: delivery.reason }] }
      : delivery;
    if (judged.result === 'split' || judged.result === 'stop') return judged;
    const { refused = [] } = judged;
    if (refused.length === 0 || (await this.parts.room()) >= refused.length) return judged;
    const left = remaining(pieces, judged);
    const rest = pieces.flatMap((piece, index) =>
      left.includes(piece) || refused.some((each) => each.index === index) ? index : [],
    );
    const reason = `no more entries can be set aside, and it refuses another: ${refused.at(-1)?.reason ?? ''}`;
    return { result: 'retry', reason, rest };
  }

  private succeeded(): void {
    this.attempt = 0;
    this.refusals = 0;
    this.parts.succeeded();
  }

  private async refuse(
    pieces: readonly Piece[],
    refused: readonly Refused[],
    signal: AbortSignal,
  ): Promise<void> {
    if (refused.length === 0) return;
    const entries = refused.flatMap(({ index, reason }) => {
      const { tenantId, seq, id } = pieces[index]?.entry ?? {};
      return tenantId === undefined || seq === undefined || id === undefined
        ? []
        : { tenantId, seq, id, reason };
    });
    await this.parts.setAside(entries);
    this.refusals += refused.length;
    if (this.refusals < MANY) return;
    const reason = `it refused ${this.refusals} entries in a row, the last because: ${refused.at(-1)?.reason ?? ''}`;
    await this.wait({ result: 'stop', reason }, signal);
  }

  private async wait(delivery: Failure, signal: AbortSignal): Promise<void> {
    const attempt = ++this.attempt;
    const backoff = delivery.result === 'stop' ? STOPPED : AWAY;
    const random = LEAST + (1 - LEAST) * this.parts.random();
    const asked = delivery.result === 'retry' ? Number(delivery.after) : 0;
    const after = Number.isNaN(asked) ? 0 : asked;
    const wait = Math.min(MOST, Math.max(after, delay(backoff, attempt - 1, random)));
    this.parts.failed({ delivery, attempt, wait });
    await pause(wait, signal, false);
  }
}

/**
 * A delivery by which pieces are neither lost nor made more. A destination that takes all and leaves all makes no progress,
 * and would be asked for ever.
 */
function sensible(delivery: Delivery, count: number): Delivery {
  if (!RESULTS.includes((delivery as Partial<Delivery> | null | undefined)?.result))
    return { result: 'retry', reason: 'it did not say what became of it' };
  if (delivery.result === 'split' || delivery.result === 'stop') return delivery;
  const isIndex = (index: number) => Number.isInteger(index) && index >= 0 && index < count;
  const { refused = [], rest } = delivery;
  if (![...refused.map(({ index }) => index), ...(rest ?? [])].every(isIndex))
    return { result: 'retry', reason: 'it spoke of pieces that it was not given' };
  const inOrder = rest && [...new Set(rest)].sort((a, b) => a - b);
  if (delivery.result === 'taken' && inOrder?.length === count)
    return { result: 'retry', reason: 'it took nothing of what it said that it took' };
  return { ...delivery, ...(inOrder && { rest: inOrder }) };
}

function remaining(
  pieces: readonly Piece[],
  delivery: Exclude<Delivery, { result: 'split' }>,
): readonly Piece[] {
  if (delivery.result === 'stop') return pieces;
  const refused = new Set(delivery.refused?.map(({ index }) => index));
  if (delivery.rest) return delivery.rest.flatMap((index) => pieces[index] ?? []);
  return delivery.result === 'taken' ? [] : pieces.filter((_, index) => !refused.has(index));
}

function halves(pieces: readonly Piece[]): [readonly Piece[], readonly Piece[]] {
  const middle = Math.ceil(pieces.length / 2);
  return [pieces.slice(0, middle), pieces.slice(middle)];
}
