import { hostname } from 'node:os';
import type { AuditError, EventName } from '../errors';
import type { AuditEvent } from '../event/event';
import { isoText } from '../event/instant';
import type { Signals } from './signals';
import { VERSION } from '../version';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';

/** What a failure concerns, if not all recording. */
export interface Concern {
  tenantId?: string | undefined;
  /** An event that can never be recorded. */
  event?: EventName | undefined;
}

/** Records starts, stops and failures of the audit log in the ledger's own chain (PCI DSS 10.2.1.6 and 10.7). */
export class LifeCycle {
  private running = false;

  constructor(
    private readonly signals: Signals,
    private readonly record: (event: AuditEvent) => void,
  ) {}

  /** The ledger starts to record, with these options. */
  started(configuration: object): void {
    this.running = true;
    this.recordOwn('ledger.started', { version: VERSION, node: process.version, configuration });
  }

  /** The ledger is closed in order. */
  stopped(): void {
    this.recordOwn('ledger.stopped', {});
    this.running = false;
  }

  /** Recording failed or stopped, and no caller knows it yet. */
  failed(error: AuditError, concern: Concern = {}): void {
    this.signals.error(error);
    this.recordFailure(error, concern);
  }

  /**
   * Recording failed or stopped, and the callers know it. While the database is down this event is queued like others.
   * @returns whether it is recorded
   */
  recordFailure({ code, message }: AuditError, concern: Concern = {}): boolean {
    return this.recordOwn('ledger.failure', { code, message, ...concern });
  }

  /**
   * Recording continues.
   * @param since when it stopped, in milliseconds since 1970
   * @param refused number of events refused meanwhile; they are in no chain
   */
  resumed({ code }: AuditError, since: number, refused: number, concern: Concern = {}): void {
    this.recordOwn('ledger.resumed', { code, since: isoText(since), refused, ...concern });
  }

  private recordOwn(action: string, details: object): boolean {
    if (!this.running) return false;
    const outcome = action === 'ledger.failure' ? 'failure' : 'success';
    const metadata = { ...details, host: hostname(), pid: process.pid };
    this.record({ action, tenantId: SYSTEM_TENANT, actor: LEDGER_ACTOR, outcome, metadata });
    return true;
  }
}
