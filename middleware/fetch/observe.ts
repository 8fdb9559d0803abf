import { runInScope } from '../../lib/scope';
import { CAPTURE_BY_DEFAULT } from '../http/capture';
import { Exchange } from '../http/exchange';
import { type Identify, identifyByConvention } from '../http/identity';
import type { NobodyWarning } from '../http/nobody-warning';
import type { CapturingParts } from '../http/options';
import { RequestScope } from '../http/request-scope';
import { FetchRequest, type RequestFacts } from './fetch-request';
import { FetchResponse, type SendingServer } from './fetch-response';

/** A request that is followed: its scope, and the response that the handler is to give. */
export interface Observed {
  readonly scope: RequestScope;
  readonly response: FetchResponse;
}

/** What a binding knows beside its options. */
export interface ObserveFacts extends RequestFacts {
  /** Reads the identity where no other function was given. */
  identify?: Identify;
  nobody: NobodyWarning | null;
  /** The object by which others find the scope; the request when left out, which frameworks may replace by another. */
  holder?: object;
}

/** Begins to follow a request. */
export function observe(
  { ledger, identify, capture }: CapturingParts,
  request: Request,
  facts: ObserveFacts,
): Observed {
  const response = new FetchResponse(request);
  const read = identify ?? facts.identify ?? identifyByConvention;
  const scope = new RequestScope(
    ledger,
    read,
    new FetchRequest(request, facts),
    response,
    facts.holder ?? request,
  );
  const exchange = new Exchange(scope, { ...CAPTURE_BY_DEFAULT, ...capture }, facts.nobody);
  scope.exchange = exchange;
  response.observers.push(exchange);
  return { scope, response };
}

/**
 * Runs a handler in the scope of its request, and follows the response that it gives. What it throws passes on: only the
 * framework knows what comes of that.
 */
export async function follow(
  { scope, response }: Observed,
  handler: () => Response | Promise<Response>,
  server?: SendingServer,
): Promise<Response> {
  return response.answer(await runInScope(scope, handler), server);
}
