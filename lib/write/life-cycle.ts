import { hostname } from 'node:os';
import type { AuditError, EventName } from '../errors';
import type { AuditEvent } from '../event/event';
import { isoText } from '../event/instant';
import type { Signals } from './signals';
import { VERSION } from '../version';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';

/** What a failure or its end concerns, where it is not all recording. */
export interface Concern {
  tenantId?: string | undefined;
  /** An event that can never be recorded. */
  event?: EventName | undefined;
}

/** Records what becomes of the recording itself in the ledger's own chain (PCI DSS 10.2.1.6 and 10.7). */
export class LifeCycle {
  private running = false;

  constructor(
    private readonly signals: Signals,
    private readonly record: (event: AuditEvent) => void,
  ) {}

  /** The ledger begins to record, with these options. */
  started(configuration: object): void {
    this.running = true;
    this.own('ledger.started', { version: VERSION, node: process.version, configuration });
  }

  /** The ledger ends in order. */
  stopped(): void {
    this.own('ledger.stopped', {});
    this.running = false;
  }

  /** Recording failed or stopped, and nobody has been told. */
  failed(error: AuditError, concern: Concern = {}): void {
    this.signals.error(error);
    this.recordFailure(error, concern);
  }

  /** Recording failed or stopped, as callers know. The event waits like any other where the database is away. */
  recordFailure({ code, message }: AuditError, concern: Concern = {}): void {
    this.own('ledger.failure', { code, message, ...concern });
  }

  /**
   * Recording goes on.
   * @param since when it stopped, in milliseconds since 1970
   * @param refused events that were refused meanwhile, and are in no chain
   */
  resumed({ code }: AuditError, since: number, refused: number, concern: Concern = {}): void {
    this.own('ledger.resumed', { code, since: isoText(since), refused, ...concern });
  }

  private own(action: string, about: object): void {
    if (!this.running) return;
    const outcome = action === 'ledger.failure' ? 'failure' : 'success';
    const metadata = { ...about, host: hostname(), pid: process.pid };
    this.record({ action, tenantId: SYSTEM_TENANT, actor: LEDGER_ACTOR, outcome, metadata });
  }
}
