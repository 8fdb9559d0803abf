import { ServerResponse } from 'node:http';
import type { Response } from 'express';
import { findContentDisposition, isAttachment } from './content-disposition';
import { hook, type Hooks, isHooked } from './response-hooks';

/** Told of what happens to a response. */
export interface ResponseObserver {
  /** Its status and headers are settled. */
  headed(): void;
  /** `end` was called: it may have been before, and the client may have gone. */
  ended(): void;
  /** It is finished, or its client has gone, or both: told more than once. */
  over(): void;
}

/** What can only be seen while a response is being written. */
export interface ResponseWatch {
  /** Bytes of the body that were sent: all of them once the response is finished, else those known to have left. */
  bytesSent(): number;
  /** Whether it is a download, by `Content-Disposition: attachment`. */
  isAttachment(): boolean;
}

const WATCH = Symbol('express-audit-ledger: watch');

/** Kept at the request: adding a property to a response costs more than anything else here. */
interface Watched {
  req?: { [WATCH]?: Watch };
}

/** Statuses whose responses have no body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/**
 * Counts what passes through `write` and `end`. Mounted before `compression()`, it sees compressed bytes. All
 * observers of a response share one watch.
 */
export function watchResponse(res: Response, observer: ResponseObserver): ResponseWatch {
  const watch = findWatch(res) ?? begin(res);
  watch.observers.push(observer);
  return watch;
}

class Watch implements ResponseWatch, Hooks {
  readonly observers: ResponseObserver[] = [];
  private handed = 0;
  private flushed = 0;
  private disposition: unknown;

  constructor(
    private readonly res: Response,
    /** Whether the response has hooks of its own, and those that all responses have are not for it. */
    readonly own: boolean,
  ) {}

  writing(bytes: number): void {
    this.handed += bytes;
  }

  written(bytes: number): void {
    this.flushed += bytes;
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
    return res.writableFinished ? this.handed : this.flushed;
  }

  isAttachment(): boolean {
    return isAttachment(this.disposition) || isAttachment(this.res.getHeader('content-disposition'));
  }
}

function begin(res: Response): Watch {
  if (!isHooked(res)) hookAll(res);
  // Methods that someone has already put over those of all responses may lead past the hooks there.
  const own = !isHooked(res);
  const watch = new Watch(res, own);
  if (own) hook(res, () => watch);
  Object.defineProperty(res.req, WATCH, { value: watch });
  res.on('finish', over).on('close', over);
  return watch;
}

const hooked = new WeakSet<object>();

/** Hooks into the object that Express lets all its responses inherit from, whichever application they belong to. */
function hookAll(res: Response): void {
  let home: object = res;
  for (let next = getPrototype(home); next !== ServerResponse.prototype; next = getPrototype(home)) {
    if (next === null) return;
    home = next;
  }
  if (home === res || hooked.has(home)) return;
  hooked.add(home);
  hook(home, findSharedWatch);
}

function getPrototype(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

function findWatch(res: object): Watch | undefined {
  return (res as Watched).req?.[WATCH];
}

function findSharedWatch(res: object): Watch | undefined {
  const watch = findWatch(res);
  return watch?.own ? undefined : watch;
}

function over(this: object): void {
  findWatch(this)?.over();
}
