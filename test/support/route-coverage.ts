import type { RouteCoverage } from '../../lib/coverage/report';

/** A route that changes something, which nobody has called unless `rest` says so. */
export const route = (path: string, rest: Partial<RouteCoverage> = {}) => ({
  method: 'POST',
  path,
  actions: [],
  outcomes: {},
  ...rest,
});
