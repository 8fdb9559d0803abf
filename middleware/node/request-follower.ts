import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Receipt } from '../../lib/chain/entry';
import type { AuditEvent, KnownAction } from '../../lib/event/event';
import type { PendingReceipt } from '../../lib/write/outbox';
import type { Session } from '../../lib/store/store';
import { CAPTURE_BY_DEFAULT, type CaptureSettings } from '../http/capture';
import { Exchange } from '../http/exchange';
import { type Identify, identifyByConvention } from '../http/identity';
import { NobodyWarning } from '../http/nobody-warning';
import type { CapturingParts } from '../http/options';
import type { RequestPort } from '../http/ports';
import { findScopeOf, RequestScope } from '../http/request-scope';
import { watchResponse } from './response-watch';

/** Records an event with a request's actor, tenant and context; see `Audit.event`. */
export interface AuditCall {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- an application may declare its actions
  (event: AuditEvent<KnownAction>, options?: { session?: undefined }): Promise<Receipt>;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- the same
  (event: AuditEvent<KnownAction>, options: { session: Session }): Promise<PendingReceipt>;
}

/** What a framework adds to the options. */
export interface Convention {
  /** Reads the identity where no option says how. */
  identify?: Identify;
  /** Who warns that nobody was found. */
  subject?: { name: string; page: string };
}

/** Follows requests of Node.js for one ledger, whatever the framework. */
export class RequestFollower {
  readonly #parts: CapturingParts;
  readonly #settings: CaptureSettings;
  readonly #identify: Identify;
  readonly #nobody: NobodyWarning | null;

  constructor(parts: CapturingParts, { identify = identifyByConvention, subject }: Convention = {}) {
    this.#parts = parts;
    this.#settings = { ...CAPTURE_BY_DEFAULT, ...parts.capture };
    this.#identify = parts.identify ?? identify;
    this.#nobody = parts.identify ? null : new NobodyWarning(subject);
  }

  /**
   * The scope of a request: a new one, or that of a middleware further out, whose options are narrowed for what is below.
   * Null where the request cannot be followed: it goes on all the same.
   */
  follow(req: IncomingMessage, res: ServerResponse, portOf: () => RequestPort): RequestScope | null {
    const { ledger } = this.#parts;
    try {
      const outer = findScopeOf(ledger, req, res);
      outer?.narrow(this.#parts);
      return outer ?? this.#begin(req, res, portOf());
    } catch (cause) {
      ledger.report(
        new Error('A request could not be followed, and goes on without being captured', { cause }),
      );
      return null;
    }
  }

  /** The call that records in a request's name. */
  callIn(scope: RequestScope): AuditCall {
    const { ledger } = this.#parts;
    return ((event, options) => ledger.eventIn(scope, event, options)) as AuditCall;
  }

  #begin(req: IncomingMessage, res: ServerResponse, request: RequestPort): RequestScope {
    const response = watchResponse(req, res);
    const scope = new RequestScope(this.#parts.ledger, this.#identify, request, response, req);
    scope.exchange = new Exchange(scope, this.#settings, this.#nobody);
    response.observers.push(scope.exchange);
    return scope;
  }
}
