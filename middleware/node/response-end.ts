import { AsyncResource } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import onFinished from 'on-finished';
import { attempt } from '../../lib/util/attempt';

/**
 * Calls back when a response is over: finished, or its connection closed. Node.js tells neither of a response that never
 * got its connection, because the client hung up while an earlier one on it was answered; so the request's counts as
 * well. May call more than once.
 * @param over is told whether the client received the whole response
 */
export function whenOver(
  req: IncomingMessage,
  res: ServerResponse,
  over: (isCompleted: boolean) => void,
): void {
  let isFinished = false;
  // As `on-finished` does: `identify` may read an `AsyncLocalStorage`.
  const resource = new AsyncResource('express-audit-ledger'); // its `bind` takes longer than all else here
  const isCompleted = () => isFinished || (res.writableEnded && !isGone(req, res));
  const callback = () => resource.runInAsyncScope(over, null, isCompleted());
  const connection = connectionOf(req);
  // One listener of the connection serves all of its requests; `on-finished` adds and removes several for each.
  const others = connection && !isHttp2(req) ? waitingFor(connection) : null;
  others?.add(callback);
  leaveRoom(res, 2);
  // Not `writableFinished`: it is true of what a client that hung up never gets, and false without a real socket.
  res.once('finish', () => {
    isFinished = true;
    others?.delete(callback);
    if (others) callback();
  });
  if (isHttp2(req)) res.once('close', callback); // a stream's end is not its connection's
  if (!others) onFinished(res, callback);
  else if (res.writableEnded || isGone(req, res)) setImmediate(callback);
}

/** Whether a request has a connection that tells its end; requests made by programs may have none. */
export function hasConnection(req: IncomingMessage): boolean {
  return connectionOf(req) !== null;
}

/** Whether the client cannot receive the response any more. */
function isGone(req: IncomingMessage, res: ServerResponse): boolean {
  const { stream } = req as { stream?: { destroyed?: boolean; aborted?: boolean } };
  if (isHttp2(req)) return stream?.aborted === true;
  return res.destroyed || (connectionOf(req) as { destroyed?: boolean } | null)?.destroyed === true;
}

/** The callbacks that wait for the end of a connection: one listener serves all of its requests. */
const waiting = new WeakMap<EventEmitter, Set<() => void>>();

function waitingFor(connection: EventEmitter): Set<() => void> {
  const known = waiting.get(connection);
  if (known) return known;
  const callbacks = new Set<() => void>();
  waiting.set(connection, callbacks);
  leaveRoom(connection, 1);
  const over = () => {
    for (const callback of callbacks) callback();
  };
  connection.once('close', over).once('error', over);
  return callbacks;
}

/** A listener of ours must not be the one that makes Node.js warn of the application's. */
function leaveRoom(emitter: EventEmitter, listeners: number): void {
  const most = attempt(() => emitter.getMaxListeners()) ?? 0; // mocks of requests may have no such method
  if (most > 0) emitter.setMaxListeners(most + listeners);
}

function connectionOf(req: IncomingMessage): EventEmitter | null {
  const socket: unknown = attempt(() => req.socket); // of HTTP/2, it throws once the session has ended
  return typeof (socket as EventEmitter | undefined)?.once === 'function' ? (socket as EventEmitter) : null;
}

function isHttp2(req: IncomingMessage): boolean {
  return req.httpVersionMajor >= 2;
}
