/** Rounds of the throughput part. */
export const ROUNDS = fromEnvironment('BENCH_ROUNDS', 5);

/** Rounds of the parts in which something is ended by force. */
export const FORCED_ROUNDS = Math.min(ROUNDS, 3);

/** Seconds that a load is measured for. */
export const SECONDS = fromEnvironment('BENCH_SECONDS', 5);

export const WARM_UP_SECONDS = 5;

/** Where processor time is measured: so many requests that little is compiled any more, however busy the machine is. */
export const WARM_UP_REQUESTS = 4_000;

/** Seconds that the database stays away, before it is started again. */
export const AWAY_SECONDS = 3;

export const CONNECTIONS = 20;

/** A number that may be given otherwise. */
export function fromEnvironment(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, got ${process.env[name] ?? ''}`);
  return value;
}

/** Whether a variable that lists names has this one; without the variable all are meant. */
export function namedIn(variable: string, name: string): boolean {
  return process.env[variable]?.split(',').includes(name) ?? true;
}
