import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Connection } from 'mongoose';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** The URI of a way to a connection's server on which nothing comes back any more behind the first `bytes`. */
export async function stallingAfter(bytes: number, { host, port }: Connection): Promise<string> {
  let left = bytes;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) client.write(chunk);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true`;
}

// Here and not in stallingAfter(): Jest takes no hooks once tests are running.
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});
