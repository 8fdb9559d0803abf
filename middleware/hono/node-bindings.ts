import type { ServerResponse } from 'node:http';
import type { SendingServer } from '../fetch/fetch-response';
import type { AnyContext } from './context';

/** What @hono/node-server passes on: the request and the response of Node.js. */
interface NodeBindings {
  incoming?: { socket?: { remoteAddress?: string } };
  outgoing?: ServerResponse;
  /** Where an application passes them on under this name. */
  server?: NodeBindings;
}

/** The request and the response of Node.js, where that is the runtime and its server made them. */
export function nodeOf({ env }: AnyContext): NodeBindings | undefined {
  const bindings = (env ?? {}) as NodeBindings;
  const found = bindings.incoming ? bindings : bindings.server;
  return found?.incoming ? found : undefined;
}

/** The address at the other end of the connection, where Node.js shows it. */
export function connectionAddress(c: AnyContext): string | undefined {
  return nodeOf(c)?.incoming?.socket?.remoteAddress;
}

/** Tells when Node.js has sent a response. */
export function serverOf(c: AnyContext): SendingServer | undefined {
  const outgoing = nodeOf(c)?.outgoing;
  if (typeof outgoing?.once !== 'function' || outgoing.closed) return undefined;
  return { whenSent: (sent) => void outgoing.once('close', () => sent(outgoing.writableFinished)) };
}
