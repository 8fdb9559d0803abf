import type { AuditEvent } from '../../lib/event/event';
import { toCallerNetwork } from '../../lib/event/caller-network';
import { SYSTEM_TENANT } from '../../lib/vocabulary';
import type { RepetitionKey } from '../../lib/write/folding';
import {
  type Captured,
  type CaptureSettings,
  exportEvent,
  isExport,
  isRefusal,
  mayBeExport,
  refusalEvent,
  requestEvent,
} from './capture';
import { type CaptureFacts, ObservedExchange } from './capture-facts';
import { actorKey } from './identity';
import type { NobodyWarning } from './nobody-warning';
import { isPromise } from './promise';
import type { ResponseObserver } from './ports';
import type { RequestScope } from './request-scope';

/** What the switch of a kind says of a response. */
type Verdict = 'record' | 'rule' | 'skip';

/** Observes one request and its response, and records what is to be captured of them. */
export class Exchange implements ResponseObserver {
  private observed: CaptureFacts | undefined;
  private captured: Set<Captured> | undefined;
  /** Whether somebody tells when the response is over. */
  private isAwaited = false;
  private isHeaded = false;
  private isOver = false;

  constructor(
    private readonly scope: RequestScope,
    private settings: CaptureSettings,
    private readonly nobody: NobodyWarning | null,
  ) {
    this.begin();
  }

  /** Takes the settings of a middleware further in. */
  configure(settings: Partial<CaptureSettings>): void {
    this.settings = { ...this.settings, ...settings };
    this.begin();
  }

  private begin(): void {
    if (this.settings.requests !== false) this.guard(() => this.awaitEnd());
  }

  headed(): void {
    this.isHeaded = true;
    this.guard(() => {
      this.scope.headed(this.facts.status);
      this.consider();
    });
  }

  /** A handler may answer after the client has disconnected: what it did is recorded all the same. */
  ended(): void {
    this.guard(() => {
      const { scope } = this;
      scope.answered();
      if (!this.isHeaded) this.consider(); // Node.js sends no headers to a client that is gone
      if (this.isOver) this.captureAnswer();
      else if (this.isAwaited && !scope.response.hasConnection) setImmediate(() => this.over(true));
      if (this.nobody?.isDue(scope)) this.nobody.check(scope);
    });
  }

  private get facts(): CaptureFacts {
    return (this.observed ??= new ObservedExchange(this.scope));
  }

  /** Waits for the end of a response that may have to be recorded. To wait costs more than all else here. */
  private consider(): void {
    const { authFailures, exports } = this.settings;
    if (this.isAwaited || (this.scope.silent && !this.scope.refused)) return;
    const decides = typeof authFailures === 'function' || typeof exports === 'function';
    const { facts } = this;
    if (decides || (authFailures && isRefusal(facts)) || (exports && isExport(facts))) this.awaitEnd();
  }

  private awaitEnd(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    this.scope.response.whenOver((isCompleted) => this.over(isCompleted));
  }

  private over(isCompleted: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.guard(() => {
      this.scope.end(isCompleted);
      if (this.decide('requests', () => this.settings.requests === true))
        this.record(requestEvent(this.facts));
      if (this.facts.isAnswered) this.captureAnswer();
    });
  }

  private captureAnswer(): void {
    const { facts } = this;
    const isExported = () => isExport(facts) && facts.isIdentified;
    if (this.decide('exports', isExported, () => mayBeExport(facts)))
      this.fold(exportEvent(facts), facts.redactedPath);
    if (this.decide('authFailures', () => isRefusal(facts))) this.fold(refusalEvent(facts));
  }

  /**
   * Whether to record a kind, which is asked once. A switch that throws leaves it to the rule, and what has no rule of its
   * own is recorded, so that no event is lost.
   */
  private decide(kind: Captured, rule: () => boolean, possible = () => true): boolean {
    this.captured ??= new Set();
    if (this.isSilent(kind) || this.captured.has(kind)) return false;
    this.captured.add(kind);
    const verdict = this.verdict(kind);
    if (verdict === 'rule') return rule();
    return verdict === 'record' && possible();
  }

  private isSilent(kind: Captured): boolean {
    const { silent, refused } = this.scope;
    return silent && !(refused && kind === 'authFailures');
  }

  private verdict(kind: Captured): Verdict {
    const { scope } = this;
    const setting = this.settings[kind];
    if (typeof setting === 'boolean') return setting ? 'rule' : 'skip';
    try {
      const answer = setting(...(scope.request.sources as never));
      if (isPromise(answer)) throw new TypeError('It must answer at once, got a promise');
      return answer === undefined ? 'rule' : answer ? 'record' : 'skip';
    } catch (cause) {
      const message = `The function \`capture.${kind}\` failed, and the response is judged by the rule`;
      scope.ledger.report(new Error(message, { cause }));
      return kind === 'requests' ? 'record' : 'rule';
    }
  }

  private record(event: AuditEvent): void {
    const { scope } = this;
    scope.ledger.captured.record({ ...event, tenantId: resolveTenant(scope) }, scope);
  }

  /** Records an event once. Repeated ones are counted in one entry. */
  private fold(event: AuditEvent, resource?: string): void {
    const { scope } = this;
    scope.ledger.captured.fold(repetitionKey(event.action, resource, scope), event, scope);
  }

  /** All of this is called within functions of Node.js or of the application, which must not meet an error of ours. */
  private guard(call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.scope.ledger.report(new Error('A request could not be captured', { cause }));
    }
  }
}

/** Events with the same key are repetitions of each other. */
function repetitionKey(action: string, resource: string | undefined, scope: RequestScope): RepetitionKey {
  return {
    tenantId: resolveTenant(scope),
    action,
    actor: actorKey(scope.identity().actor),
    network: toCallerNetwork(scope.request.address ?? ''),
    route: scope.request.route ?? '',
    ...(resource !== undefined && { resource }),
  };
}

/** An unknown tenant is the ledger's own: `SYSTEM_TENANT`. An identity can never name that one itself. */
function resolveTenant(scope: RequestScope): string {
  return scope.identity().tenantId ?? scope.ledger.defaultTenant ?? SYSTEM_TENANT;
}
