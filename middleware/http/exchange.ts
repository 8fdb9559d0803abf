import type { Request, Response } from 'express';
import onFinished from 'on-finished';
import type { AuditEvent } from '../../lib/event/event';
import { identifierText } from '../../lib/event/identifier';
import { toCallerNetwork } from '../../lib/event/caller-network';
import type { Scope } from '../../lib/scope';
import { SYSTEM_TENANT } from '../../lib/vocabulary';
import type { RepetitionKey } from '../../lib/write/folding';
import {
  type CaptureOptions,
  type CaptureSwitch,
  exportEvent,
  isExport,
  refusalEvent,
  requestEvent,
} from './capture';
import { type CaptureFacts, ObservedExchange } from './capture-facts';
import { type Identity, isActor } from './identity';
import type { RequestScope } from './request-scope';
import { type ResponseObserver, watchResponse } from './response-watch';

/** Observes one request and its response, and records what is to be captured of them. */
export class Exchange implements ResponseObserver {
  private readonly facts: CaptureFacts;
  /** Whether `on-finished` tells when the response is over. */
  private usesOnFinished = false;
  private isCaptured = false;
  private isRefusalChecked = false;

  constructor(
    private readonly req: Request,
    private readonly res: Response,
    private readonly scope: RequestScope,
    private readonly capture: Record<keyof CaptureOptions, CaptureSwitch>,
  ) {
    this.facts = new ObservedExchange(req, res, scope, watchResponse(res, this));
    if (capture.requests !== false) this.useOnFinished();
  }

  /** Asked here and again at the end, where the status may be another one: here it only decides on `on-finished`. */
  headed(): void {
    const { capture, scope } = this;
    if (this.usesOnFinished || capture.exports === false || scope.silent || scope.endedAt !== null) return;
    if (isExport(this.facts)) this.useOnFinished();
  }

  /** The handler may answer 401 after the client has disconnected: the attempt is recorded all the same. */
  ended(): void {
    if (this.scope.endedAt !== null) this.captureRefusal();
  }

  over(): void {
    this.scope.end();
    if (!this.usesOnFinished) this.captureAll();
  }

  /**
   * Two signals end an exchange, because neither will do alone. `on-finished` keeps the caller's `AsyncLocalStorage`,
   * which `identify` may read, and also tells when the client disconnected before this middleware was called. But it
   * costs more than all else here, so it is attached only for what is to be recorded.
   */
  private useOnFinished(): void {
    this.usesOnFinished = true;
    onFinished(this.res, () => {
      this.scope.end();
      this.captureAll();
    });
  }

  private captureAll(): void {
    if (this.isCaptured) return;
    this.isCaptured = true;
    this.record('requests', requestEvent);
    if (this.usesOnFinished) this.record('exports', exportEvent);
    if (this.res.headersSent) this.captureRefusal();
  }

  private record(name: keyof CaptureOptions, toEvent: (facts: CaptureFacts) => AuditEvent | null): void {
    const event = this.isOn(name) ? toEvent(this.facts) : null;
    if (!event) return;
    const { scope } = this;
    const tenantId = resolveTenant(scope);
    void scope.ledger.record({ ...event, tenantId }, captureScope(scope), 'ledger');
  }

  /** Records a refused request, once. Repeated ones are counted in one entry. */
  private captureRefusal(): void {
    if (this.isRefusalChecked) return;
    this.isRefusalChecked = true;
    const { scope } = this;
    const event = refusalEvent(this.facts);
    if (event && this.isOn('authFailures'))
      scope.ledger.fold(failureKey(event.action, scope), event, captureScope(scope));
  }

  /** A switch that throws counts as on, so that no event is lost. */
  private isOn(name: keyof CaptureOptions): boolean {
    const { req, res, scope } = this;
    const capture = !scope.silent && this.capture[name];
    if (typeof capture === 'boolean') return capture;
    try {
      return capture(req, res);
    } catch (error) {
      scope.ledger.report(new Error('A function of `capture` threw, and counts as true', { cause: error }));
      return true;
    }
  }
}

/** Refused requests with the same key are repetitions of each other. */
function failureKey(action: string, scope: RequestScope): RepetitionKey {
  return {
    tenantId: resolveTenant(scope),
    action,
    actor: serializeActor(scope.identity().actor),
    network: toCallerNetwork(scope.address),
    route: scope.route ?? '',
  };
}

/** Different for different actors: `null` where there is none, and with the one they act for. */
function serializeActor(actor: Identity['actor']): string {
  const { id, type, onBehalfOf } = isActor(actor) ? actor : { id: actor };
  const texts = [id, type, onBehalfOf].map(identifierText);
  return JSON.stringify(texts.map((text) => (typeof text === 'string' ? text : null)));
}

/** The request's scope, but a captured event does not count as one that the application recorded itself. */
function captureScope(scope: RequestScope): Scope {
  return { origin: () => scope.origin(), recorded: () => undefined, endedAt: scope.endedAt };
}

/** An unknown tenant is the ledger's own: `SYSTEM_TENANT`. An identity can never name that one itself. */
function resolveTenant(scope: RequestScope): string {
  return scope.identity().tenantId ?? scope.ledger.defaultTenant ?? SYSTEM_TENANT;
}
