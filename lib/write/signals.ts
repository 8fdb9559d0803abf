import { EventEmitter } from 'node:events';
import type { Receipt } from '../chain/entry';

/** Receives errors that have no listener: `console` fits. */
export interface Logger {
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** What a ledger emits, for metrics and alarms. */
export interface AuditSignals {
  /** An entry is durable. */
  recorded: [receipt: Receipt];
  /** An insert failed, and will be tried again. `attempt` counts from 1. */
  retry: [retry: { tenantId: string; attempt: number; cause: unknown }];
  /** An event could not be recorded, or the recording of a tenant has stopped. */
  error: [error: Error];
}

/** Calls the listeners. An error that a listener throws is logged, and does not stop recording. */
export class Signals {
  private readonly emitter = new EventEmitter<AuditSignals>();

  constructor(private readonly logger: Logger) {}

  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.emitter.on(name, listener as never);
  }

  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.emitter.off(name, listener as never);
  }

  recorded(receipt: Receipt): void {
    this.emit('recorded', receipt);
  }

  retry(tenantId: string, attempt: number, cause: unknown): void {
    this.emit('retry', { tenantId, attempt, cause });
  }

  /** An error without a listener is logged, never thrown. */
  error(error: Error): void {
    if (this.emitter.listenerCount('error') === 0) this.logger.error(`audit: ${error.message}`, error);
    else this.emit('error', error);
  }

  private emit<Name extends keyof AuditSignals>(name: Name, ...args: AuditSignals[Name]): void {
    for (const listener of this.emitter.listeners(name)) {
      try {
        (listener as (...args: AuditSignals[Name]) => void)(...args);
      } catch (error) {
        this.logger.error(`audit: a listener for '${name}' threw`, error);
      }
    }
  }
}
