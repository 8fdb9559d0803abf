import { type CoverageReport, incomplete, routeName } from './report';

/** What a report says beside the routes that are known to record nothing. */
export interface Comparison {
  /** Silent or never called, and not known: these must not be. */
  added: string[];
  /** Known, and still so. */
  left: string[];
  /** Known, and recorded or gone now: the list is to lose them. */
  done: string[];
}

/** Compares with a list of names such as `POST /members`, which is only ever to shrink. */
export function compareWithBaseline(report: CoverageReport, baseline: readonly string[]): Comparison {
  const missing = incomplete(report).map(routeName);
  return {
    added: missing.filter((name) => !baseline.includes(name)),
    left: baseline.filter((name) => missing.includes(name)),
    done: baseline.filter((name) => !missing.includes(name)),
  };
}
