import {
  checkCoverageOptions,
  Coverage,
  type CoverageOptions,
  type RouteLister,
} from '../node/audit-coverage';
import { listRoutes } from './list-routes';

/** The outermost application of a request. */
function applicationOf(source: object): object | undefined {
  let { app } = source as { app?: unknown };
  for (let parent = parentOf(app); parent !== undefined; parent = parentOf(app)) app = parent;
  return typeof app === 'function' ? app : undefined;
}

function parentOf(app: unknown): unknown {
  return typeof app === 'function' ? (app as { parent?: unknown }).parent : undefined;
}

const LISTER: RouteLister = { list: listRoutes, applicationOf };

/**
 * Watches an application while its own tests call it, whatever runs them: which of the routes that change something, or read
 * what is `sensitive`, recorded an event. Give it the application (of Express), so that routes are known that nothing calls.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function auditCoverage(options: CoverageOptions | ((...args: never[]) => unknown) = {}): Coverage {
  return new Coverage(checkCoverageOptions(options), LISTER);
}
