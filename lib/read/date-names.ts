import type { Complaints } from '../util/complaints';

/** The dates of `list` have the names of exports as well, and those of exports the names of `list`. */
const SAME = [
  ['from', 'startDate'],
  ['to', 'endDate'],
] as const;

/** Notes dates that are given by both of their names: one of them would be passed over. */
export function checkDateNames(query: object, complaints: Complaints): void {
  const given = query as Record<string, unknown>;
  for (const [name, other] of SAME)
    if (given[name] !== undefined && given[other] !== undefined)
      complaints.add(other, `left out beside \`${name}\`, which is the same`, given[other]);
}
