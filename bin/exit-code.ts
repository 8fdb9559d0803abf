/** What the program ends with. */
export const EXIT = {
  /** Intact, and held in place by what the caller gave or allowed; or the command did its work. */
  ok: 0,
  broken: 1,
  /** Usage, what cannot be read, and what nothing from outside holds in place. */
  unchecked: 2,
  /** SIGINT, as shells have it: 128 and the number of the signal. */
  interrupted: 130,
  terminated: 143,
} as const;

/** How a check ended. */
export type Outcome = typeof EXIT.ok | typeof EXIT.broken | typeof EXIT.unchecked;

const WORST = [EXIT.broken, EXIT.unchecked, EXIT.ok] as const;

/** Of several outcomes the one that counts: not intact over not checked over intact. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return WORST.find((outcome) => outcomes.includes(outcome)) ?? EXIT.unchecked;
}
