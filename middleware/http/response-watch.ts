import { ServerResponse } from 'node:http';
import type { Response } from 'express';
import { findContentDisposition, isAttachment } from './content-disposition';
import { hook, type Hooks, isHooked } from './response-hooks';

/** Is told what happens to a response. */
export interface ResponseObserver {
  /** The headers were passed to Node.js and cannot change any more. */
  headed(): void;
  /** `end` was called, perhaps again, or after the client has disconnected. */
  ended(): void;
  /** The response is finished or the client has disconnected. May be called more than once. */
  over(): void;
}

/** What can only be seen while a response is being written. */
export interface ResponseWatch {
  /** Bytes of the body that were sent. Until the response is finished, only those that `write` has reported as sent. */
  bytesSent(): number;
  /** Whether the response has `Content-Disposition: attachment`. */
  isAttachment(): boolean;
}

const WATCH = Symbol('express-audit-ledger: watch');

/** The watch is a property of the request: adding one to the response costs more than anything else here. */
interface WithWatch {
  req?: { [WATCH]?: Watch };
}

/** Statuses whose responses have no body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/**
 * Counts the bytes that pass through `write` and `end`. Mounted before `compression()`, it counts compressed bytes. All
 * observers of a response share one watch.
 */
export function watchResponse(res: Response, observer: ResponseObserver): ResponseWatch {
  const watch = findWatch(res) ?? begin(res);
  watch.observers.push(observer);
  return watch;
}

class Watch implements ResponseWatch, Hooks {
  readonly observers: ResponseObserver[] = [];
  private bytesPassed = 0;
  private bytesWritten = 0;
  private disposition: unknown;

  constructor(
    private readonly res: Response,
    /** Whether the hooks are on the response itself. The hooks that all responses share then ignore it. */
    readonly hasOwnHooks: boolean,
  ) {}

  writing(bytes: number): void {
    this.bytesPassed += bytes;
  }

  written(bytes: number): void {
    this.bytesWritten += bytes;
  }

  heading(headers: unknown): void {
    this.disposition = findContentDisposition(headers);
  }

  headed(): void {
    for (const observer of this.observers) observer.headed();
  }

  ended(): void {
    for (const observer of this.observers) observer.ended();
  }

  over(): void {
    for (const observer of this.observers) observer.over();
  }

  bytesSent(): number {
    const { res } = this;
    if (res.req.method === 'HEAD' || BODILESS.has(res.statusCode)) return 0;
    return res.writableFinished ? this.bytesPassed : this.bytesWritten;
  }

  isAttachment(): boolean {
    return isAttachment(this.disposition) || isAttachment(this.res.getHeader('content-disposition'));
  }
}

function begin(res: Response): Watch {
  if (!isHooked(res)) hookAll(res);
  // Other middleware has replaced methods of this response, and may not call the shared hooks.
  const hasOwnHooks = !isHooked(res);
  const watch = new Watch(res, hasOwnHooks);
  if (hasOwnHooks) hook(res, () => watch);
  Object.defineProperty(res.req, WATCH, { value: watch });
  res.on('finish', over).on('close', over);
  return watch;
}

const hookedPrototypes = new WeakSet<object>();

/** Hooks into the prototype that the responses of all Express applications share: the last before `ServerResponse`'s. */
function hookAll(res: Response): void {
  let prototype: object = res;
  for (
    let next = getPrototype(prototype);
    next !== ServerResponse.prototype;
    next = getPrototype(prototype)
  ) {
    if (next === null) return;
    prototype = next;
  }
  if (prototype === res || hookedPrototypes.has(prototype)) return;
  hookedPrototypes.add(prototype);
  hook(prototype, findSharedWatch);
}

function getPrototype(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

function findWatch(res: object): Watch | undefined {
  return (res as WithWatch).req?.[WATCH];
}

function findSharedWatch(res: object): Watch | undefined {
  const watch = findWatch(res);
  return watch?.hasOwnHooks ? undefined : watch;
}

function over(this: object): void {
  findWatch(this)?.over();
}
