import type { Outcome } from '../vocabulary';

/** How a route stands: whether what it does is recorded. */
export const ROUTE_STATES = ['recorded', 'exempt', 'silent', 'never called'] as const;
export type RouteState = (typeof ROUTE_STATES)[number];

/** How often a route answered so, and how often something was recorded then. */
export interface Answers {
  answered: number;
  recorded: number;
}

/** One route of an application, and what was seen of it. */
export interface RouteCoverage {
  /** Such as `POST`; `ALL` where it takes any. */
  method: string;
  /** Its pattern with those of its mounts, such as `/orgs/:orgId/members`. */
  path: string;
  state: RouteState;
  /** Why it needs no event, where `exempt` says so. */
  reason?: string;
  /** That it reads what is `sensitive`, and why. */
  sensitive?: string;
  /** The actions that were recorded, in the order of their names. */
  actions: string[];
  outcomes: Partial<Record<Outcome, Answers>>;
}

/** What a test suite has shown of an application. */
export interface CoverageReport {
  format: 'express-audit-ledger/coverage';
  version: 1;
  routes: RouteCoverage[];
  totals: Record<RouteState, number>;
}

/** A report of routes, each of which is there once, in the order of their paths. */
export function toReport(routes: readonly Omit<RouteCoverage, 'state'>[]): CoverageReport {
  const stated = routes.map((route): RouteCoverage => ({ ...route, state: stateOf(route) }));
  stated.sort((one, other) => compare(one.path, other.path) || compare(one.method, other.method));
  const totals = Object.fromEntries(
    ROUTE_STATES.map((state) => [state, stated.filter((route) => route.state === state).length]),
  ) as CoverageReport['totals'];
  return { format: 'express-audit-ledger/coverage', version: 1, routes: stated, totals };
}

function stateOf({ reason, outcomes }: Omit<RouteCoverage, 'state'>): RouteState {
  if (reason !== undefined) return 'exempt';
  const answers = Object.values(outcomes);
  if (answers.every(({ answered }) => answered === 0)) return 'never called';
  return answers.some(({ recorded }) => recorded > 0) ? 'recorded' : 'silent';
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** What a route is called in lists: `POST /members`. */
export function routeName({ method, path }: Pick<RouteCoverage, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The reports of several processes, or of several runs, as one. */
export function mergeReports(reports: readonly CoverageReport[]): CoverageReport {
  const merged = new Map<string, Omit<RouteCoverage, 'state'>>();
  for (const { state: _, ...route } of reports.flatMap(({ routes }) => routes)) {
    const other = merged.get(routeName(route));
    merged.set(routeName(route), other ? mergeRoutes(other, route) : route);
  }
  return toReport([...merged.values()]);
}

function mergeRoutes(
  one: Omit<RouteCoverage, 'state'>,
  other: Omit<RouteCoverage, 'state'>,
): Omit<RouteCoverage, 'state'> {
  const outcomes = { ...one.outcomes };
  for (const [name, { answered, recorded }] of Object.entries(other.outcomes)) {
    const before = outcomes[name as Outcome] ?? { answered: 0, recorded: 0 };
    outcomes[name as Outcome] = {
      answered: before.answered + answered,
      recorded: before.recorded + recorded,
    };
  }
  return { ...one, ...other, actions: [...new Set([...one.actions, ...other.actions])].sort(), outcomes };
}

/** The routes whose state says that something is missing. */
export function incomplete({ routes }: CoverageReport): RouteCoverage[] {
  return routes.filter(({ state }) => state === 'silent' || state === 'never called');
}
