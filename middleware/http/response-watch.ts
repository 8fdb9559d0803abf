import type { Request, Response } from 'express';
import { attempt } from './attempt';
import { findHeader, isAttachment } from './sent-headers';
import { hookResponse, type Hooks, hooksOf } from './response-hooks';

/** Is told what the application does with a response. Must not throw: it is called within the application's calls. */
export interface ResponseObserver {
  /** The headers were passed to Node.js and cannot change any more. */
  headed(): void;
  /** `end` was called, perhaps again, or after the client has disconnected. */
  ended(): void;
}

/** What can only be seen while a response is being written. */
export interface ResponseWatch {
  /** The status that was sent; before that, the one that would be. */
  status(): number;
  /** Whether the application has answered: sent the headers, or called `end`, even when the client was gone. */
  isAnswered(): boolean;
  /** Bytes of the body that were sent: of a response that is not completed, only those that `write` has reported as sent. */
  bytesSent(isCompleted: boolean): number;
  /** Whether the response has `Content-Disposition: attachment`. */
  isAttachment(): boolean;
  /** A header as it was sent, if it is known. */
  header(name: string): unknown;
}

/** Statuses whose responses have no body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/**
 * Counts the bytes that pass through `write` and `end`. Mounted before `compression()`, it counts compressed bytes. All
 * observers of a response share one watch.
 */
export function watchResponse(req: Request, res: Response, observer: ResponseObserver): ResponseWatch {
  const hooks = hooksOf(res);
  const watch = hooks instanceof Watch ? hooks : begin(req, res);
  watch.observers.push(observer);
  return watch;
}

function begin(req: Request, res: Response): Watch {
  const watch = new Watch(req, res);
  hookResponse(res, watch);
  return watch;
}

class Watch implements ResponseWatch, Hooks {
  readonly observers: ResponseObserver[] = [];
  private bytesPassed = 0;
  private bytesWritten = 0;
  /** Headers that were passed to `writeHead`, which Node.js may not remember. */
  private headers: unknown;
  private sentStatus: number | undefined;
  private isEnded = false;

  constructor(
    private readonly req: Request,
    private readonly res: Response,
  ) {}

  writing(bytes: number): void {
    this.bytesPassed += bytes;
  }

  written(bytes: number): void {
    this.bytesWritten += bytes;
  }

  heading(headers: unknown): void {
    this.headers = headers;
  }

  headed(): void {
    this.sentStatus = this.res.statusCode;
    for (const observer of this.observers) observer.headed();
  }

  ended(): void {
    this.isEnded = true;
    for (const observer of this.observers) observer.ended();
  }

  status(): number {
    return this.sentStatus ?? this.res.statusCode;
  }

  isAnswered(): boolean {
    return this.isEnded || this.res.headersSent;
  }

  bytesSent(isCompleted: boolean): number {
    if (this.req.method === 'HEAD' || BODILESS.has(this.status())) return 0;
    return isCompleted ? this.bytesPassed : this.bytesWritten;
  }

  isAttachment(): boolean {
    return isAttachment(this.header('content-disposition'));
  }

  header(name: string): unknown {
    return findHeader(this.headers, name) ?? attempt(() => this.res.getHeader(name));
  }
}
