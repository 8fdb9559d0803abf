import type { Receipt } from '../chain/entry';
import { AuditError, isAuditError } from '../errors';

/** Receives errors that have no listener: `console` fits. */
export interface Logger {
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** What a ledger emits, for metrics and alarms. */
export interface AuditSignals {
  /** An entry is durable: its receipt, and the event's action. */
  recorded: [receipt: RecordedReceipt];
  /** An insert failed, and will be tried again. `attempt` counts from 1. */
  retry: [retry: { tenantId: string; attempt: number; cause: unknown }];
  /**
   * Something that nobody else is told of: an event that no caller awaits could not be recorded, or recording has stopped.
   * `code` says what; what a caller awaits, and is rejected, is not here.
   */
  error: [error: AuditError];
}

/** What is told of a durable entry. */
export type RecordedReceipt = Receipt & { action: string };

/** What an async one gives is awaited by nobody, but that it rejects is noticed. */
type Listener<Name extends keyof AuditSignals> = (...args: AuditSignals[Name]) => unknown;

type AnyLogger = Record<keyof Logger, (message: string, ...details: unknown[]) => unknown>;

/**
 * Calls the listeners, and the logger. An error that a listener throws, or rejects with, is logged; one of the logger is
 * said on the console. Neither stops recording, nor the process.
 */
export class Signals {
  private readonly listeners: { [Name in keyof AuditSignals]: Listener<Name>[] } = {
    recorded: [],
    retry: [],
    error: [],
  };

  constructor(private readonly logger: AnyLogger) {}

  /** Adds a listener; one that is added twice is called twice. */
  on<Name extends keyof AuditSignals>(name: Name, listener: Listener<Name>): void {
    this.listeners[name] = [...this.listeners[name], listener] as never;
  }

  /** Removes a listener, of one that was added twice the later. */
  off<Name extends keyof AuditSignals>(name: Name, listener: Listener<Name>): void {
    const at = this.listeners[name].lastIndexOf(listener);
    if (at >= 0) this.listeners[name] = this.listeners[name].toSpliced(at, 1) as never;
  }

  recorded(receipt: RecordedReceipt): void {
    this.emit('recorded', receipt);
  }

  retry(tenantId: string, attempt: number, cause: unknown): void {
    this.emit('retry', { tenantId, attempt, cause });
  }

  /** An error without a listener is logged, never thrown. */
  error(error: Error): void {
    if (this.listeners.error.length === 0) void this.log('error', `audit: ${error.message}`, error);
    else this.emit('error', toAuditError(error));
  }

  /** Logs what is no error, but may be a mistake of the application. */
  warn(message: string): void {
    void this.log('warn', `audit: ${message}`);
  }

  private emit<Name extends keyof AuditSignals>(name: Name, ...args: AuditSignals[Name]): void {
    for (const listener of this.listeners[name]) void this.call(name, listener, args);
  }

  private async call<Name extends keyof AuditSignals>(
    name: Name,
    listener: Listener<Name>,
    args: AuditSignals[Name],
  ): Promise<void> {
    try {
      await listener(...args);
    } catch (error) {
      await this.log('error', `audit: a listener for '${name}' threw`, error);
    }
  }

  private async log(level: keyof Logger, message: string, ...details: unknown[]): Promise<void> {
    try {
      await this.logger[level](message, ...details);
    } catch (error) {
      console[level](message, ...details);
      console.error('audit: the logger threw', error);
    }
  }
}

/** What was met while requests were followed, or answered, has no code of its own. */
function toAuditError(error: Error): AuditError {
  if (isAuditError(error)) return error;
  return new AuditError('CAPTURE_FAILED', error.message, { cause: error.cause ?? error });
}
