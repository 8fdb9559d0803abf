import type { IncomingMessage, ServerResponse } from 'node:http';
import { attempt } from '../../lib/util/attempt';
import type { ResponseObserver, ResponsePort } from '../http/ports';
import { findHeader } from '../http/sent-headers';
import { hasConnection, whenOver } from './response-end';
import { hookResponse, type Hooks, hooksOf } from './response-hooks';

/** Statuses whose responses have no body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/** The watch of a response: all who observe it share one. */
export function watchResponse(req: IncomingMessage, res: ServerResponse): ResponseWatch {
  const hooks = hooksOf(res);
  if (hooks instanceof ResponseWatch) return hooks;
  const watch = new ResponseWatch(req, res);
  hookResponse(res, watch);
  return watch;
}

/**
 * A response of Node.js. Counts the bytes that pass through `write` and `end`: mounted before `compression()`, the compressed
 * ones. That the headers have gone is known from `writeHead` and not from `headersSent`, which bridges of frameworks redefine.
 */
export class ResponseWatch implements ResponsePort, Hooks {
  readonly observers: ResponseObserver[] = [];
  private bytesPassed = 0;
  private bytesWritten = 0;
  /** Headers that were passed to `writeHead`, which Node.js may not remember. */
  private headers: unknown;
  private sentStatus: number | undefined;
  private hasEnded = false;

  constructor(
    private readonly req: IncomingMessage,
    private readonly res: ServerResponse,
  ) {}

  is(response: unknown): boolean {
    return response === this.res || Object.prototype.isPrototypeOf.call(this.res, response as object);
  }

  get hasConnection(): boolean {
    return hasConnection(this.req);
  }

  whenOver(over: (isCompleted: boolean) => void): void {
    whenOver(this.req, this.res, over);
  }

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
    this.hasEnded = true;
    for (const observer of this.observers) observer.ended();
  }

  /** The application has answered, but its framework passes no answer on to a client that is gone. */
  answeredNobody(status: number): void {
    if (this.isAnswered) return;
    this.sentStatus = status;
    for (const observer of this.observers) observer.headed();
    this.ended();
  }

  get status(): number {
    return this.sentStatus ?? this.res.statusCode;
  }

  get isAnswered(): boolean {
    return this.hasEnded || this.sentStatus !== undefined;
  }

  get isEnded(): boolean {
    return this.hasEnded || this.res.writableEnded;
  }

  bytesSent(isCompleted: boolean): number {
    if (this.req.method === 'HEAD' || BODILESS.has(this.status)) return 0;
    return isCompleted ? this.bytesPassed : this.bytesWritten;
  }

  header(name: string): unknown {
    return findHeader(this.headers, name) ?? attempt(() => this.res.getHeader(name));
  }
}
