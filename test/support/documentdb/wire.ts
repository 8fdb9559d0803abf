/**
 * MongoDB's wire protocol: messages in a stream of bytes, OP_MSG, and the OP_QUERY in which drivers say their first hello.
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */

/** The largest message that is read, as `hello` announces it. */
export const MAX_MESSAGE_BYTES = 48_000_000;

const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const CHECKSUM_BYTES = 4;
// a command may be a little longer than the documents in it: drivers count those alone
const OVERHEAD_BYTES = 16_384;

/** The bytes are not MongoDB's wire protocol, or a part of it that no driver uses here. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** One message from a client. */
export interface Request {
  requestId: number;
  /** Whether this came as OP_QUERY and is to be answered with OP_REPLY. */
  legacy: boolean;
  /** Whether the client waits for an answer; it does not for an unacknowledged write. */
  wantsReply: boolean;
  body: Buffer;
  sequences: ReadonlyMap<string, Buffer>;
}

/**
 * Gives a function that takes the stream's chunks and gives the messages which each chunk completes. Chunks are joined
 * once for every message, so a message of n chunks costs n, not n².
 */
export function createMessageReader(): (chunk: Buffer) => Buffer[] {
  let chunks: Buffer[] = [];
  let gathered = 0;
  let wanted = HEADER_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    gathered += chunk.length;
    if (gathered < wanted) return [];
    const { messages, rest } = cutMessages(Buffer.concat(chunks, gathered));
    chunks = [rest];
    gathered = rest.length;
    wanted = rest.length < HEADER_BYTES ? HEADER_BYTES : messageSize(rest, 0);
    return messages;
  };
}

function cutMessages(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const end = at + messageSize(bytes, at);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}

function messageSize(bytes: Buffer, at: number): number {
  const size = bytes.readInt32LE(at);
  if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES + OVERHEAD_BYTES) {
    throw new ProtocolError(`a message of ${size} bytes: not MongoDB's wire protocol, or too large`);
  }
  return size;
}

/**
 * Takes a whole message apart.
 * @throws {ProtocolError} for anything but OP_MSG and OP_QUERY, and for sections that do not fit the message
 */
export function decodeRequest(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_QUERY) return { ...decodeQuery(message), requestId };
  if (opCode === OP_MSG) return { ...decodeMsg(message), requestId };
  throw new ProtocolError(
    `message with operation code ${opCode}: only OP_MSG (2013) and OP_QUERY are spoken`,
  );
}

function decodeQuery(message: Buffer): Omit<Request, 'requestId'> {
  const nameStart = HEADER_BYTES + 4;
  const at = message.indexOf(0, nameStart) + 1 + 8; // after the collection's name come numberToSkip and numberToReturn
  if (at < nameStart + 9) throw new ProtocolError('an OP_QUERY without a collection name');
  return { legacy: true, wantsReply: true, body: sized(message, at, message.length), sequences: new Map() };
}

function decodeMsg(message: Buffer): Omit<Request, 'requestId'> {
  const flags = message.readUInt32LE(HEADER_BYTES);
  const end = message.length - (flags & CHECKSUM_PRESENT ? CHECKSUM_BYTES : 0);
  const sequences = new Map<string, Buffer>();
  let body: Buffer | undefined;
  for (let at = HEADER_BYTES + 4; at < end;) {
    const section = sized(message, at + 1, end);
    if (message[at] === 0) body = section;
    else addSequence(sequences, section);
    at += 1 + section.length;
  }
  if (!body) throw new ProtocolError('an OP_MSG without a body');
  return { legacy: false, wantsReply: !(flags & MORE_TO_COME), body, sequences };
}

function addSequence(sequences: Map<string, Buffer>, section: Buffer): void {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolError('a document sequence without a name');
  sequences.set(section.toString('utf8', 4, nameEnd), section.subarray(nameEnd + 1));
}

/** The bytes at `at` that begin with their own length. */
function sized(message: Buffer, at: number, end: number): Buffer {
  const size = at + 4 <= end ? message.readInt32LE(at) : -1;
  if (size < 5 || at + size > end) throw new ProtocolError('a section that is longer than its message');
  return message.subarray(at, at + size);
}

/** The answer to `request`, ready to be written to the socket. */
export function encodeReply(request: Request, replyId: number, body: Uint8Array): Buffer {
  const prelude = request.legacy ? replyPrelude() : Buffer.alloc(5); // OP_MSG: no flags, one section of kind 0
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prelude.length + body.length, 0);
  header.writeInt32LE(replyId, 4);
  header.writeInt32LE(request.requestId, 8);
  header.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, prelude, body]);
}

function replyPrelude(): Buffer {
  const prelude = Buffer.alloc(20);
  prelude.writeInt32LE(8, 0); // AwaitCapable
  prelude.writeInt32LE(1, 16); // one document
  return prelude;
}
