import { serialize } from 'bson';
import { createServer, type Server, type Socket } from 'node:net';
import { readCommand } from './command';
import { type Commands } from './commands';
import { CommandError, errorReply } from './errors';
import { HangUp } from './fail-points';
import { isRetryable } from './retried-writes';
import { isInTransaction } from './transactions';
import { createMessageReader, decodeRequest, encodeReply, type Request } from './wire';

/** What a client has said of itself when it began. */
interface Client {
  appName: string;
}

/** A TCP server that speaks MongoDB's wire protocol and has `commands` carried out, one after the other for each client. */
export function createGateway(commands: Commands): Server {
  return createServer((socket) => {
    const read = createMessageReader();
    const client: Client = { appName: '' };
    let answered = Promise.resolve();
    socket.setNoDelay(true);
    // A client that is gone needs no answer, and what it had asked for runs to its end by itself.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const messages = completeMessages(socket, read, chunk);
      for (const message of messages)
        answered = answered.then(() => answer(commands, client, socket, message));
    });
  });
}

function completeMessages(socket: Socket, read: (chunk: Buffer) => Buffer[], chunk: Buffer): Buffer[] {
  try {
    return read(chunk);
  } catch (error) {
    hangUp(socket, error);
    return [];
  }
}

async function answer(commands: Commands, client: Client, socket: Socket, message: Buffer): Promise<void> {
  try {
    const request = decodeRequest(message);
    const body = await carryOut(commands, client, request);
    if (request.wantsReply && socket.writable) socket.write(encodeReply(request, nextReplyId(), body));
  } catch (error) {
    hangUp(socket, error);
  }
}

/** Hangs up, as a dying `mongod` does: drivers take that for a network error and find out what became of the server. */
function hangUp(socket: Socket, error: unknown): void {
  if (!(error instanceof HangUp)) console.error(error);
  socket.destroy();
}

async function carryOut(commands: Commands, client: Client, request: Request): Promise<Uint8Array> {
  const command = readCommand(request);
  const { client: metadata } = command.arguments as { client?: { application?: { name?: string } } };
  client.appName = metadata?.application?.name ?? client.appName;
  try {
    return await commands.run(command, client.appName);
  } catch (error) {
    if (error instanceof CommandError)
      return serialize(errorReply(error, isInTransaction(command), isRetryable(command)));
    throw error;
  }
}

let lastReplyId = 0;
function nextReplyId(): number {
  lastReplyId = (lastReplyId + 1) & 0x7fffffff;
  return lastReplyId;
}
