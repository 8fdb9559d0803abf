import type { Request, Response } from 'express';
import onFinished from 'on-finished';
import type { AuditEvent } from '../../lib/event/event';
import { identifierText } from '../../lib/event/identifier';
import { toNetwork } from '../../lib/event/network';
import type { Scope } from '../../lib/scope';
import { SYSTEM_TENANT } from '../../lib/vocabulary';
import type { FailureKey } from '../../lib/write/folding';
import {
  anyRequest,
  type CaptureOptions,
  type CaptureSwitch,
  dataExport,
  type Exchanged,
  isExport,
  isRefusal,
  refusal,
} from './capture';
import { type Identity, isActor } from './identity';
import type { RequestScope } from './request-scope';
import { type ResponseObserver, type ResponseWatch, watchResponse } from './response-watch';

/** One request and its response, and what is captured of them. */
export class Exchange implements Exchanged, ResponseObserver {
  readonly watch: ResponseWatch;
  private captured = false;
  private refusalSeen = false;
  private awaited = false;

  constructor(
    readonly req: Request,
    readonly res: Response,
    readonly scope: RequestScope,
    private readonly capture: Record<keyof CaptureOptions, CaptureSwitch>,
  ) {
    this.watch = watchResponse(res, this);
    if (capture.requests !== false) this.awaitEnd();
  }

  headed(): void {
    const { capture, scope } = this;
    if (this.awaited || capture.exports === false || scope.silent || scope.endedAt !== null) return;
    if (isExport(this)) this.awaitEnd();
  }

  /** A client that hangs up before its 401 has tried all the same: the answer that nobody gets tells. */
  ended(): void {
    if (this.scope.endedAt !== null) this.seeRefusal();
  }

  over(): void {
    this.scope.end();
    if (!this.awaited) this.captureAll();
  }

  /**
   * Attaching `on-finished` costs more than all else here, so only what is to be recorded has it: it keeps the
   * caller's `AsyncLocalStorage`, which `identify` may read, for a client that hangs up as well.
   */
  private awaitEnd(): void {
    this.awaited = true;
    onFinished(this.res, () => {
      this.scope.end();
      this.captureAll();
    });
  }

  private captureAll(): void {
    if (this.captured) return;
    this.captured = true;
    const { capture, res } = this;
    record(capture.requests, anyRequest, this);
    if (this.awaited) record(capture.exports, dataExport, this);
    if (res.headersSent) this.seeRefusal();
  }

  private seeRefusal(): void {
    if (this.refusalSeen) return;
    this.refusalSeen = true;
    if (isRefusal(this)) recordRefusal(this.capture.authFailures, this);
  }
}

/** Called once for each refused request, when its response has ended: one of many is counted with them. */
function recordRefusal(when: CaptureSwitch, exchange: Exchange): void {
  const event = captured(when, refusal, exchange);
  const { scope } = exchange;
  if (event) scope.ledger.fold(failureKey(event.action, scope), event, capturing(scope));
}

function record(
  when: CaptureSwitch,
  make: (exchange: Exchange) => AuditEvent | null,
  exchange: Exchange,
): void {
  const event = captured(when, make, exchange);
  const { scope } = exchange;
  if (event)
    void scope.ledger.record({ ...event, tenantId: resolveTenant(scope) }, capturing(scope), 'ledger');
}

function captured(
  when: CaptureSwitch,
  make: (exchange: Exchange) => AuditEvent | null,
  exchange: Exchange,
): AuditEvent | null {
  return exchange.scope.silent || !isOn(when, exchange) ? null : make(exchange);
}

/** What tells a refused request from others than repetitions of it. */
function failureKey(action: string, scope: RequestScope): FailureKey {
  return {
    tenantId: resolveTenant(scope),
    action,
    actor: serializeActor(scope.identity().actor),
    network: toNetwork(scope.address),
    route: scope.route ?? '',
  };
}

/** What tells actors apart: nobody from one whose name says so, and whom somebody acted for. */
function serializeActor(actor: Identity['actor']): string {
  const { id, type, onBehalfOf } = isActor(actor) ? actor : { id: actor };
  const texts = [id, type, onBehalfOf].map(identifierText);
  return JSON.stringify(texts.map((text) => (typeof text === 'string' ? text : null)));
}

/** The scope, but what is captured does not count as something that the application recorded itself. */
function capturing(scope: RequestScope): Scope {
  return { origin: () => scope.origin(), recorded: () => undefined, endedAt: scope.endedAt };
}

/** A switch that throws is on: what should have been recorded must not be lost. */
function isOn(when: CaptureSwitch, { req, res, scope }: Exchange): boolean {
  if (typeof when === 'boolean') return when;
  try {
    return when(req, res);
  } catch (error) {
    scope.ledger.report(new Error('A function of `capture` threw, and counts as true', { cause: error }));
    return true;
  }
}

/** Who cannot be told goes into the ledger's own chain; a request never says of itself that it belongs there. */
function resolveTenant(scope: RequestScope): string {
  return scope.identity().tenantId ?? scope.ledger.defaultTenant ?? SYSTEM_TENANT;
}
