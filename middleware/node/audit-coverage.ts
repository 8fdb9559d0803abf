import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type CoverageReport,
  incomplete,
  type RouteCoverage,
  routeName,
  toReport,
} from '../../lib/coverage/report';
import { AuditError } from '../../lib/errors';
import { Complaints, isObject } from '../../lib/util/complaints';
import type { Outcome } from '../../lib/vocabulary';
import { outcomeOf } from '../http/capture';
import { type RequestScope, SCOPE_WATCHES } from '../http/request-scope';
import { type RouteMark, TRAIL_ROUTES } from '../http/route-marks';

/** Requests by which nothing is changed (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Routes that are named in one error. */
const NAMED = 20;

/** A route of an application, whether or not it was ever called. */
export interface ListedRoute {
  /** The framework's own object, or the route's name where it has none. */
  key: object | string;
  /** `ALL` where it takes any. */
  method: string;
  path: string;
  mark: RouteMark;
}

/** Options of `auditCoverage`. */
export interface CoverageOptions {
  /** The application, or several; of Express they are found by themselves once one request was made. */
  app?: object | readonly object[] | undefined;
  /** Routes such as `POST /members`, of a framework that tells no list of them. */
  routes?: readonly string[] | undefined;
}

/** How the routes of a framework's application are listed, and how it is found. */
export interface RouteLister {
  list(application: object): ListedRoute[];
  applicationOf(source: object): object | undefined;
}

/** What was seen of one request. */
interface Seen {
  key: object | string;
  method: string;
  path: string;
  outcome: Outcome;
  actions: Set<string>;
  captured: Set<string>;
  mark: RouteMark;
  /** The routes that passed the request on. */
  passed: readonly object[];
}

/** Watches applications under a test suite of theirs: which of their routes record what they do. */
export class Coverage {
  private readonly applications = new Set<object>();
  private readonly named: readonly string[];
  private readonly seen: Seen[] = [];
  private readonly watch = (scope: RequestScope): void => this.follow(scope);

  /** Use `auditCoverage`. */
  constructor(
    { app, routes = [] }: CoverageOptions,
    private readonly lister: RouteLister,
  ) {
    for (const one of app === undefined ? [] : Array.isArray(app) ? (app as object[]) : [app])
      this.applications.add(one);
    this.named = routes;
    SCOPE_WATCHES.add(this.watch);
  }

  /** Each route that changes something or reads what is sensitive, and how it stands. */
  report(): CoverageReport {
    const routes = new Map<string, Omit<RouteCoverage, 'state'>>();
    const listed = this.listed();
    const isListed = new Set<Seen>();
    for (const group of listed.flatMap(groupsOf)) {
      const all = listed.flat();
      const seen = this.seen.filter((one) => group.some((route) => isOf(one, route, all)));
      for (const one of seen) isListed.add(one);
      const [first] = group as [ListedRoute];
      const mark = Object.assign({}, ...group.map((route) => route.mark)) as RouteMark;
      if (!isCounted(first.method, [mark, ...seen.map((one) => one.mark)])) continue;
      // It answers nothing: it is a guard, such as `app.all('/admin/*', requireAdmin)`.
      const isPassed = ({ key }: ListedRoute) =>
        this.seen.some(({ passed }) => passed.includes(key as object));
      if (seen.length > 0 || !group.some(isPassed)) add(routes, { ...first, mark }, seen);
    }
    for (const same of groupsOf(this.seen.filter((one) => !isListed.has(one)))) {
      const [first] = same as [Seen];
      const marks = same.map(({ mark }) => mark);
      if (isCounted(first.method, marks)) add(routes, first, same);
    }
    return toReport([...routes.values()]);
  }

  /**
   * Ends a test suite with an error where a route records nothing, or was never called.
   * @param options `except`: routes that may, such as `POST /metrics`, or patterns of their names
   * @throws AuditError `COVERAGE_INCOMPLETE` that names the routes.
   */
  assertComplete({ except = [] }: { except?: readonly (string | RegExp)[] } = {}): void {
    const report = this.report();
    const names = report.routes.map(routeName);
    const isExcepted = (name: string) =>
      except.some((one) =>
        typeof one === 'string'
          ? one === name
          : new RegExp(one.source, one.flags.replace('g', '')).test(name),
      );
    const missing = incomplete(report).filter((route) => !isExcepted(routeName(route)));
    const unknown = except.filter((one) => typeof one === 'string' && !names.includes(one)).map(String);
    if (missing.length === 0 && unknown.length === 0) return;
    const shown = missing.slice(0, NAMED).map((route) => `${routeName(route)} (${route.state})`);
    const more = missing.length > NAMED ? `, and ${missing.length - NAMED} more` : '';
    const what =
      missing.length > 0
        ? [`${missing.length} of ${names.length} routes record nothing: ${shown.join(', ')}${more}`]
        : [];
    const gone = unknown.length > 0 ? [`\`except\` names no route by ${unknown.join(', ')}`] : [];
    const mend = 'record an event (audited, req.audit, auditChanges), or say exempt(reason)';
    throw new AuditError('COVERAGE_INCOMPLETE', `${[...what, ...gone].join('; ')}: ${mend}.`);
  }

  /** Writes the report, for `audit-ledger coverage`, which merges those of several processes. */
  save(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(this.report(), null, 2)}\n`);
  }

  /** Watches no longer. What was seen stays. */
  stop(): void {
    SCOPE_WATCHES.delete(this.watch);
  }

  /** The routes of each application. */
  private listed(): ListedRoute[][] {
    const named = this.named.map((name): ListedRoute => {
      const [method = '', ...path] = name.split(' ');
      return { key: name, method, path: path.join(' '), mark: {} };
    });
    const known = new Map<ListedRoute['key'], Set<string>>();
    const isNew = ({ key, method }: ListedRoute) => {
      const methods = known.get(key) ?? new Set();
      known.set(key, methods);
      return methods.size < methods.add(method).size;
    };
    const applications = [...this.applications].map((one) => this.lister.list(one));
    return [...applications, named].map((routes) => routes.filter((one) => isNew(one) && !isOfTrail(one)));
  }

  /** Two ledgers may follow one request: what either records counts. */
  private follow(scope: RequestScope): void {
    const actions = new Set<string>();
    const captured = new Set<string>();
    const { noted } = scope;
    scope.noted = (action, isCaptured) => {
      (isCaptured ? captured : actions).add(action);
      noted?.(action, isCaptured);
    };
    let isSeen = false;
    const ended = (): void => {
      const { request, response } = scope;
      const { route, matched, passed = [], mount } = request;
      const path = route ?? (isSuccess(response.status) && mount !== undefined ? `${mount}/*` : undefined);
      if (isSeen || path === undefined || scope.silent) return;
      isSeen = true;
      const application = this.lister.applicationOf(request.sources[0]);
      if (application) this.applications.add(application);
      const { method } = request;
      const mark = {
        ...(scope.exemption !== undefined && { exemption: scope.exemption }),
        ...(scope.sensitivity !== undefined && { sensitivity: scope.sensitivity }),
      };
      const key = matched ?? `${method} ${path}`;
      const outcome = outcomeOf(response.status);
      this.seen.push({ key, method, path, outcome, actions, captured, mark, passed });
    };
    scope.response.observers.push({ headed: () => undefined, ended });
  }
}

/** Those that have one name each, in their order: a route that is made again is one with the first. */
function groupsOf<One extends Pick<ListedRoute, 'method' | 'path'>>(all: readonly One[]): One[][] {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const name = `${one.method} ${one.path}`;
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return [...groups.values()];
}

/** Middleware that answers so is an endpoint; one that refuses, redirects or fails may stand before any. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether it is one of the trail's own, below whatever the application has put before them. */
function isOfTrail({ method, path }: ListedRoute): boolean {
  return method === 'ALL' && [...TRAIL_ROUTES].some((end) => path.endsWith(end));
}

/** Whether a request was one of a route, and of no other that names its method. */
function isOf(seen: Seen, route: ListedRoute, all: readonly ListedRoute[]): boolean {
  if (seen.key !== route.key && `${seen.method} ${seen.path}` !== route.key) return false;
  const method = seen.method === 'HEAD' ? 'GET' : seen.method;
  if (route.method !== 'ALL') return method === route.method;
  return !all.some((other) => other.key === route.key && other.method === method);
}

function isCounted(method: string, marks: readonly RouteMark[]): boolean {
  return !SAFE.has(method) || marks.some(({ sensitivity }) => sensitivity !== undefined);
}

function add(
  routes: Map<string, Omit<RouteCoverage, 'state'>>,
  { method, path, mark }: Pick<ListedRoute, 'method' | 'path' | 'mark'>,
  seen: readonly Seen[],
): void {
  const { exemption, sensitivity } = Object.assign({}, mark, ...seen.map((one) => one.mark)) as RouteMark;
  const outcomes: RouteCoverage['outcomes'] = {};
  const actions = new Set<string>();
  for (const one of seen) {
    // What is captured, such as a download, is enough for what only reads.
    const recorded = [...one.actions, ...(sensitivity === undefined ? [] : one.captured)];
    for (const action of recorded) actions.add(action);
    const counts = (outcomes[one.outcome] ??= { answered: 0, recorded: 0 });
    counts.answered++;
    if (recorded.length > 0) counts.recorded++;
  }
  let name = path;
  for (let n = 2; routes.has(`${method} ${name}`); n++) name = `${path} (${n})`;
  routes.set(`${method} ${name}`, {
    method,
    path: name,
    ...(exemption !== undefined && { reason: exemption }),
    ...(sensitivity !== undefined && { sensitive: sensitivity }),
    actions: [...actions].sort(),
    outcomes,
  });
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function checkCoverageOptions(options: unknown): CoverageOptions {
  if (typeof options === 'function') return { app: options };
  const complaints = new Complaints();
  if (!isObject(options)) complaints.add('options', 'an application, or an object such as { app }', options);
  else {
    complaints.unknownFields(options, ['app', 'routes']);
    const { app, routes } = options;
    if (app !== undefined && typeof app !== 'object' && typeof app !== 'function')
      complaints.add('app', 'an application, or an array of them', app);
    if (
      routes !== undefined &&
      !(Array.isArray(routes) && routes.every((name) => typeof name === 'string' && name.includes(' ')))
    )
      complaints.add('routes', 'an array of names such as POST /members', routes);
  }
  complaints.assertNone('INVALID_OPTIONS', 'auditCoverage cannot use its options');
  return options as CoverageOptions;
}
