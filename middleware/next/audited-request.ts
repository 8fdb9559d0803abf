import { currentScope, runInScope } from '../../lib/scope';
import { observe, type Observed } from '../fetch/observe';
import type { Identity } from '../http/identity';
import { attempt } from '../../lib/util/attempt';
import type { Entering } from '../http/route-helpers';
import type { NobodyWarning } from '../http/nobody-warning';
import type { CapturingParts } from '../http/options';
import { findScope, type RequestScope, scopeOfLedger } from '../http/request-scope';
import { withTimeout } from '../../lib/util/timeout';
import { clientAddress, type ClientIp } from './client-ip';
import { isInAfter, matchedRoute, runAfter } from './next-modules';
import type { Identify, RequestContext } from './options';
import { type Params, routeOf } from './route';
import { statusOf } from './thrown';

/** How long the process is kept for what follows a response, in milliseconds. */
const PATIENCE = 10_000;

/** Next does not tell an action where it was sent to, and a `Referer` is the client's own words. */
const UNTOLD = { path: '', query: '' };

/** What requests are followed with. */
export interface NextParts extends Omit<CapturingParts, 'identify'> {
  identify: Identify | undefined;
  clientIp: ClientIp | undefined;
  nobody: NobodyWarning | null;
  /** What the handler says of itself. */
  enter?: Entering;
}

/** A request to be followed. */
export interface Arrived {
  request: Request;
  params: Params;
  /** Of a server action Next shows neither path nor response; a proxy may let a request pass. */
  kind: 'route' | 'proxy' | 'action';
}

/** Runs a handler within the scope of its request, and follows what it answers or throws. Throws that on as it is. */
export async function runAudited<Result>(
  parts: NextParts,
  { request, params, kind }: Arrived,
  handler: () => Result | Promise<Result>,
): Promise<Result> {
  const around = kind === 'action' ? storedScope() : findScope(request);
  const outer = scopeOfLedger(parts.ledger, around);
  if (outer) {
    parts.enter?.(outer); // it is followed already, further out
    return handler();
  }
  const context = { params };
  const identify = await settle(parts.identify, request, context);
  const { ledger, capture } = parts;
  const sources: [Request, Response | undefined] = [request, undefined];
  const told = kind === 'route' ? matchedRoute() : undefined;
  const route = (path: string) => routeOf(path, params, ledger.secrets, told);
  const observed = observe({ ledger, identify, capture }, request, {
    sources,
    address: () => clientAddress(parts.clientIp, request.headers),
    ...(kind === 'action' && { target: UNTOLD }),
    ...(kind === 'route' && { route: () => route(observed.scope.request.target.path).pattern }),
    path: (path) => route(path).path,
    isFollowUp: isInAfter,
    nobody: parts.nobody,
  });
  parts.enter?.(observed.scope);
  keepUntilRecorded(observed);
  return follow(observed, sources, kind, handler);
}

async function follow<Result>(
  { scope, response }: Observed,
  sources: [Request, Response | undefined],
  kind: Arrived['kind'],
  handler: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    const result: unknown = await runInScope(scope, handler);
    if (kind === 'proxy' && goesOn(result))
      scope.silent = true; // others answer it
    else if (kind !== 'action' && result instanceof Response) {
      sources[1] = result;
      return response.answer(result) as Result;
    }
    response.answered(kind === 'route' ? 500 : 200); // Next refuses what is no response
    return result as Result;
  } catch (thrown) {
    response.answered(statusOf(thrown));
    throw thrown;
  }
}

/** Whether a proxy has let a request pass. */
function goesOn(result: unknown): boolean {
  if (!(result instanceof Response)) return true;
  return result.headers.has('x-middleware-next') || result.headers.has('x-middleware-rewrite');
}

/** The scope of the handler that calls an action itself. */
function storedScope(): RequestScope | undefined {
  const scope = currentScope();
  return scope && 'request' in scope ? (scope as RequestScope) : undefined;
}

/** An identity that was asked for before; throws what `identify` has thrown. */
export type SettledIdentity = () => Identity | null | undefined;

/** Asks who sends a request, which may take time; what comes of it is read at each event as anywhere else. */
export async function settle(
  identify: Identify | undefined,
  request: Request,
  context: RequestContext,
): Promise<SettledIdentity | undefined> {
  if (!identify) return undefined;
  try {
    const identity: Identity | null | undefined = await identify(request, context);
    return () => identity;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Lets Next keep the process until the response is over and what came of it is recorded: it may end right after. */
function keepUntilRecorded({ scope, response }: Observed): void {
  const over = new Promise<void>((resolve) => response.whenOver(() => resolve()));
  runAfter(async () => {
    // Next begins this before it tells a stream that its client is gone.
    await withTimeout(PATIENCE, over);
    await scope.ledger.recording.settle(PATIENCE).catch(() => undefined); // said where it is recorded
  });
}

/** The parameters of a route: Next gives them as a promise. */
export async function paramsOf(context: unknown): Promise<Params> {
  const given = attempt(() => (context as { params?: unknown } | undefined)?.params);
  try {
    const params: unknown = await given;
    return typeof params === 'object' && params !== null ? (params as Params) : {};
  } catch {
    return {};
  }
}
