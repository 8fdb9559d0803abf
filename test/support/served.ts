import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import express from 'express';

/** Both versions of Express that are supported, for `describe.each`. */
export const EXPRESSES: [string, typeof express][] = [
  ['Express 4', jest.requireActual<typeof express>('express4')],
  ['Express 5', express],
];

/** An application that listens on this machine alone. */
export interface Served {
  url: string;
  port: number;
  /** Resolves when all responses so far have ended on the server's side, and who waits for that was told. */
  settled(): Promise<void>;
}

const servers: Server[] = [];

/** Starts an application; it ends with the test. */
export async function serve(application: RequestListener): Promise<Served> {
  const open = new Set<ServerResponse>();
  const server = createServer((req, res) => {
    open.add(res);
    res.once('close', () => open.delete(res));
    application(req, res);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settled = async () => {
    await Promise.all([...open].map((res) => once(res, 'close')));
    await turn();
  };
  return { url: `http://127.0.0.1:${port}`, port, settled };
}

// Here and not in serve(): Jest takes no hooks once tests are running.
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
});
