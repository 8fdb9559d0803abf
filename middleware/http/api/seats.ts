import { retryAfter, tooMany } from '../allowance';
import { Problem } from './problem';

/** How many there may be at a time: of one actor, of one tenant, and in the process. */
export interface SeatLimits {
  actor: number;
  tenant: number;
  process: number;
}

/** What is taken in the process. */
export interface Taken {
  count: number;
}

/** When to try again, in seconds. */
const AGAIN = 2;

/** Who takes a seat. */
export interface Reader {
  tenantId: string;
  /** A text that tells actors apart. */
  actorKey: string;
}

/** How many of one kind may be under way at a time. */
export class Seats {
  readonly #taken = new Map<string, number>();

  /**
   * @param inProcess shared by all who serve trails
   * @param what is under way, such as `exports`
   */
  constructor(
    private readonly limits: SeatLimits,
    private readonly inProcess: Taken,
    private readonly what: string,
  ) {}

  /**
   * Takes a seat.
   * @returns what gives it back, once
   * @throws Problem 429 for who has too many, 503 where the process has
   */
  take({ tenantId, actorKey }: Reader): () => void {
    const { actor, tenant, process } = this.limits;
    const [ofTenant, ofActor] = [JSON.stringify([tenantId]), JSON.stringify([tenantId, actorKey])];
    if (this.#count(ofActor) >= actor)
      throw tooMany(`You have ${actor} ${this.what} under way: wait until one has ended.`, AGAIN);
    if (this.#count(ofTenant) >= tenant)
      throw tooMany(`This tenant has ${tenant} ${this.what} under way: wait until one has ended.`, AGAIN);
    if (this.inProcess.count >= process)
      throw new Problem(503, `Too many ${this.what} are under way: ask again later.`, undefined, {
        headers: retryAfter(AGAIN),
      });
    this.#add(ofTenant, ofActor, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#add(ofTenant, ofActor, -1);
      isTaken = false;
    };
  }

  #count(key: string): number {
    return this.#taken.get(key) ?? 0;
  }

  #add(ofTenant: string, ofActor: string, by: 1 | -1): void {
    this.inProcess.count += by;
    for (const key of [ofTenant, ofActor]) {
      const count = this.#count(key) + by;
      if (count === 0) this.#taken.delete(key);
      else this.#taken.set(key, count);
    }
  }
}
