import { once } from 'node:events';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsAddress } from '../destination';

/** A TLS connection whose peer has shown a certificate that is trusted. */
export async function connectTls(
  { host, port, ...options }: TlsAddress,
  signal: AbortSignal,
  lookup?: LookupFunction,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const servername = options.servername ?? (isIP(host) === 0 ? host : '');
  const socket = connect({ host, port, ...options, servername, ...(lookup && { lookup }) });
  const end = () => socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', end));
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
