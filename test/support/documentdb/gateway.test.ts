import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { deserialize, type Document, serialize } from 'bson';
import { sharedDatabaseUri } from '../database';
import { createMessageReader, decodeRequest } from './wire';

function openSocket(): Socket {
  const [, host, port] = /\/\/(?:[^@/]*@)?([^:/,]+):(\d+)/.exec(sharedDatabaseUri()) ?? [];
  return connectSocket({ host: host ?? '127.0.0.1', port: Number(port) });
}

function opMsg(requestId: number, body: Document): Buffer {
  const document = serialize(body);
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(requestId, 4);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, document]);
}

async function readReplies(socket: Socket, count: number): Promise<{ to: number; body: Document }[]> {
  const read = createMessageReader();
  const replies: { to: number; body: Document }[] = [];
  while (replies.length < count) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    for (const reply of read(chunk)) {
      replies.push({ to: reply.readInt32LE(8), body: deserialize(decodeRequest(reply).body) });
    }
  }
  return replies;
}

describe('the server', () => {
  it('answers messages that come in one chunk, in their order', async () => {
    const socket = openSocket();
    const commands = [{ ping: 1 }, { noSuchCommand: 1 }, { hello: 1 }];
    socket.write(Buffer.concat(commands.map((command, i) => opMsg(i + 1, { ...command, $db: 'admin' }))));
    const replies = await readReplies(socket, 3);
    expect(replies.map(({ to, body }) => [to, Number(body['ok'])])).toEqual([[1, 1], [2, 0], [3, 1]]); // prettier-ignore
    socket.destroy();
  });

  it('hangs up on what is not its protocol, and serves the next client', async () => {
    const stranger = openSocket();
    const closed = once(stranger, 'close');
    stranger.on('error', () => undefined); // a reset is as good as an end
    stranger.write('GET / HTTP/1.1\r\nhost: a-client-that-is-lost\r\n\r\n');
    stranger.resume();
    await closed;

    const client = openSocket();
    client.write(opMsg(1, { ping: 1, $db: 'admin' }));
    expect(await readReplies(client, 1)).toMatchObject([{ to: 1, body: { ok: 1 } }]);
    client.destroy();
  });
});
