import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Connection } from 'mongoose';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A way to a server on which nothing comes back while it is held. */
export interface HeldWay {
  uri: string;
  hold(): void;
  /** Sends on what has come meanwhile. */
  release(): void;
}

/** The URI of a way to a connection's server on which nothing comes back any more behind the first `bytes`. */
export async function stallingAfter(bytes: number, server: Connection): Promise<string> {
  let left = bytes;
  return way(server, (client, upstream) => {
    upstream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) client.write(chunk);
    });
  });
}

/** A way to a connection's server that can be held, and released. */
export async function holdable(server: Connection): Promise<HeldWay> {
  const upstreams: Socket[] = [];
  let isHeld = false;
  const uri = await way(server, (client, upstream) => {
    upstreams.push(upstream);
    upstream.on('data', (chunk: Buffer) => client.write(chunk));
    if (isHeld) upstream.pause();
  });
  return {
    uri,
    hold() {
      isHeld = true;
      for (const upstream of upstreams) upstream.pause();
    },
    release() {
      isHeld = false;
      for (const upstream of upstreams) upstream.resume();
    },
  };
}

async function way(
  { host, port }: Connection,
  answer: (client: Socket, upstream: Socket) => void,
): Promise<string> {
  const server = createServer((client) => {
    const upstream = connect(port, host);
    client.pipe(upstream);
    answer(client, upstream);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true`;
}

// Here and not in way(): Jest takes no hooks once tests are running.
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});
