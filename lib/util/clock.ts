/** Where time and chance come from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From [0, 1). */
  random(): number;
}
