import { processWide } from '../../../lib/process-wide';
import { omitUndefined } from '../../../lib/util/omit-undefined';
import { Allowance } from '../allowance';
import { actorKey } from '../identity';
import type { AdmittedRequest } from './admitted-request';
import type { Answer } from './answer';
import type { Client } from './asked';
import type { Cost, Route } from './routes';
import { type Reader, Seats, type SeatLimits } from './seats';
import { Sharing } from './sharing';
import { Turns } from './turns';

/** What one actor may ask of a trail; a tenant may ask for a multiple of it: docs/limits.md. */
export interface TrailLimits {
  /** Requests under way at a time, those that wait for their turn with them: 64 when left out. */
  reads: number;
  /** Exports at a time: 8. */
  exports: number;
  /** Exports in a minute that leave an entry: 30. Of other reads that do, 20 times as many. */
  exportsPerMinute: number;
  /** Live streams at a time: 20. */
  streams: number;
}

export const TRAIL_LIMITS: TrailLimits = { reads: 64, exports: 8, exportsPerMinute: 30, streams: 20 };

/** How much more a tenant may do than one of its actors, and the process. */
const TIMES = {
  reads: { tenant: 4, process: 8 },
  exports: { tenant: 2, process: 4 },
  streams: { tenant: 10, process: 50 },
};
const TENANT_MINUTE = 4;

/** How many reads of entries are recorded for each export that may be, in a minute. */
const READS_PER_EXPORT = 20;

/** Work that the process does at a time, whoever asks: the application needs the database, too. */
const inProcess = processWide('trail work', () => ({
  turns: { read: new Turns(8, 4), look: new Turns(2, 1), count: new Turns(2, 1), walk: new Turns(2, 1) },
  reads: { count: 0 },
  exports: { count: 0 },
  streams: { count: 0 },
}));

/** Keeps what is asked of trails within bounds: of the process, of each tenant and of each actor. */
export class ReadingLimits {
  readonly #seats: Record<'reads' | 'exports' | 'streams', Seats>;
  readonly #recorded: Record<'exports' | 'reads', { actor: Allowance; tenant: Allowance }>;
  readonly #sharing = new Sharing();

  /** @param now the clock, in milliseconds */
  constructor(limits: Partial<TrailLimits> = {}, now = () => performance.now()) {
    const all = { ...TRAIL_LIMITS, ...omitUndefined(limits) };
    const seats = (kind: keyof typeof TIMES, what: string) =>
      new Seats(multiplied(all[kind], TIMES[kind]), inProcess[kind], what);
    this.#seats = {
      reads: seats('reads', 'requests'),
      exports: seats('exports', 'exports'),
      streams: seats('streams', 'live streams'),
    };
    const perMinute = (count: number, whose: string) => {
      const detail = `${whose} as often in a minute as the trail records: ask again later.`;
      return new Allowance(count / 60, now, detail, count);
    };
    const recorded = (count: number, what: string) => ({
      actor: perMinute(count, `You have ${what}`),
      tenant: perMinute(count * TENANT_MINUTE, `This tenant has ${what}`),
    });
    this.#recorded = {
      exports: recorded(all.exportsPerMinute, 'exported'),
      reads: recorded(all.exportsPerMinute * READS_PER_EXPORT, 'read entries'),
    };
  }

  /**
   * Counts a request that leaves an entry.
   * @throws Problem 429
   */
  record(kind: 'exports' | 'reads', request: Reading): void {
    const { tenantId, actorKey } = readerOf(request);
    this.#recorded[kind].actor.take(JSON.stringify([tenantId, actorKey]));
    this.#recorded[kind].tenant.take(tenantId);
  }

  /**
   * Answers when it is a request's turn; until its client is gone.
   * @throws Problem 429, 503; what the route throws
   */
  async answer(route: Route, request: Omit<AdmittedRequest, 'signal'>): Promise<Answer> {
    const { cost } = route;
    if (cost === 'none') return route.answer({ ...request, signal: new AbortController().signal });
    if (cost === 'export' || cost === 'stream') return this.#answerSeated(route, request, cost);
    const { asked, name, query, tenantId } = request;
    // Of entries, who has just recorded one must see it: an answer that was begun before would not have it.
    const question = cost === 'read' ? null : JSON.stringify([route.path, tenantId, name, query]);
    return this.#sharing.ask(question, asked.client, async (signal) => {
      const leave = this.#seats.reads.take(readerOf(request));
      const turns = inProcess.turns[cost === 'read' && route.looks?.(query) ? 'look' : cost];
      try {
        return await turns.run(tenantId, signal, () => route.answer({ ...request, signal }));
      } finally {
        leave();
      }
    });
  }

  /** A seat is held until the body has ended, or its reader is gone. */
  async #answerSeated(
    route: Route,
    request: Omit<AdmittedRequest, 'signal'>,
    cost: Extract<Cost, 'export' | 'stream'>,
  ): Promise<Answer> {
    const { asked, tenantId } = request;
    const leave = this.#seats[cost === 'export' ? 'exports' : 'streams'].take(readerOf(request));
    try {
      const answer = await this.#sharing.ask(null, asked.client, (signal) =>
        inProcess.turns.read.run(tenantId, signal, () => route.answer({ ...request, signal })),
      );
      if (answer.body !== null && typeof answer.body !== 'string')
        return { ...answer, body: endingWith(answer.body, asked.client, leave) };
      leave();
      return answer;
    } catch (error) {
      leave();
      throw error;
    }
  }
}

type Reading = Pick<AdmittedRequest, 'tenantId' | 'actor'>;

function readerOf({ tenantId, actor }: Reading): Reader {
  return { tenantId, actorKey: actorKey(actor) };
}

function multiplied(actor: number, { tenant, process }: { tenant: number; process: number }): SeatLimits {
  return { actor, tenant: actor * tenant, process: actor * process };
}

type Portions = Exclude<Answer['body'], string | null>;

/** A body that tells of its end: once it was read, or nobody reads it any more. */
function endingWith(body: Portions, client: Client, ended: () => void): Portions {
  const portions = body[Symbol.asyncIterator]();
  const stop = client.whenLeft(ended);
  const end = () => {
    stop();
    ended();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        try {
          const step = await portions.next();
          if (step.done === true) end();
          return step;
        } catch (error) {
          end();
          throw error;
        }
      },
      return: async () => {
        end();
        await portions.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
