import { deserialize, serialize } from 'bson';
import { createMessageReader, decodeRequest, encodeReply, MAX_MESSAGE_BYTES, ProtocolError } from './wire';

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

function message(opCode: number, payload: Buffer, requestId = 7): Buffer {
  return Buffer.concat([int32(16 + payload.length), int32(requestId), int32(0), int32(opCode), payload]);
}

const bodySection = (document: object): Buffer => Buffer.concat([Buffer.of(0), serialize(document)]);
function sequenceSection(name: string, documents: object[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => serialize(document)),
  ]);
  return Buffer.concat([Buffer.of(1), int32(content.length + 4), content]);
}
const opMsg = (flags: number, ...sections: Buffer[]): Buffer =>
  message(2013, Buffer.concat([int32(flags), ...sections]));
const ping = opMsg(0, bodySection({ ping: 1, $db: 'admin' }));

describe('createMessageReader', () => {
  it('joins a message that comes byte by byte', () => {
    const read = createMessageReader();
    const messages = [...ping].flatMap((byte) => read(Buffer.of(byte)));
    expect(messages).toEqual([ping]);
  });

  it('finds two messages and the beginning of a third in one chunk', () => {
    const read = createMessageReader();
    expect(read(Buffer.concat([ping, ping, ping.subarray(0, 20)]))).toEqual([ping, ping]);
    expect(read(ping.subarray(20))).toEqual([ping]);
  });

  it('finds a message whose length is split between chunks', () => {
    const read = createMessageReader();
    expect(read(Buffer.concat([ping, ping.subarray(0, 2)]))).toEqual([ping]);
    expect(read(ping.subarray(2))).toEqual([ping]);
  });

  it('joins a message of the largest size once, not once for every chunk', () => {
    const large = Buffer.alloc(MAX_MESSAGE_BYTES, 1);
    large.writeInt32LE(large.length);
    const concat = jest.spyOn(Buffer, 'concat');
    const read = createMessageReader();
    const messages = [];
    for (let at = 0; at < large.length; at += 65_536) messages.push(...read(large.subarray(at, at + 65_536)));
    const joins = concat.mock.calls.length;
    concat.mockRestore();
    expect(messages.map(({ length }) => length)).toEqual([MAX_MESSAGE_BYTES]);
    expect(joins).toBe(2); // for its length, and for the whole
  });

  it.each([0, -1, 15, 0x7fffffff])('refuses a message of %d bytes', (size) => {
    const read = createMessageReader();
    expect(() => read(Buffer.concat([int32(size), Buffer.alloc(12)]))).toThrow(ProtocolError);
  });
});

describe('decodeRequest', () => {
  it('takes body and document sequences apart', () => {
    const request = decodeRequest(
      opMsg(0, bodySection({ insert: 'things' }), sequenceSection('documents', [{ a: 1 }, { a: 2 }])),
    );
    expect(request).toMatchObject({ requestId: 7, legacy: false, wantsReply: true });
    expect(deserialize(request.body)).toEqual({ insert: 'things' });
    expect(request.sequences.get('documents')).toEqual(
      Buffer.concat([serialize({ a: 1 }), serialize({ a: 2 })]),
    );
  });

  it('takes the checksum at the end for no section', () => {
    const payload = Buffer.concat([int32(1), bodySection({ ping: 1 }), int32(0x12345678)]);
    expect(deserialize(decodeRequest(message(2013, payload)).body)).toEqual({ ping: 1 });
  });

  it('sees that an unacknowledged write wants no reply', () => {
    expect(decodeRequest(opMsg(2, bodySection({ insert: 'things' }))).wantsReply).toBe(false);
  });

  it("reads a driver's first hello", () => {
    const query = [int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), serialize({ ismaster: 1 })];
    const request = decodeRequest(message(2004, Buffer.concat(query)));
    expect(request.legacy).toBe(true);
    expect(deserialize(request.body)).toEqual({ ismaster: 1 });
  });

  it.each([
    ['an unknown operation', message(2012, Buffer.alloc(10))],
    ['no body', opMsg(0)],
    ['a section longer than the message', opMsg(0, Buffer.concat([Buffer.of(0), int32(500)]))],
    ['a section of no length', opMsg(0, Buffer.concat([Buffer.of(0), int32(0)]))],
    ['a sequence without a name', opMsg(0, Buffer.concat([Buffer.of(1), int32(6), Buffer.from('ab')]))],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeRequest(bytes)).toThrow(ProtocolError);
  });
});

describe('encodeReply', () => {
  it('answers a message by its id', () => {
    const reply = encodeReply(decodeRequest(ping), 9, serialize({ ok: 1 }));
    expect([reply.readInt32LE(0), reply.readInt32LE(4), reply.readInt32LE(8)]).toEqual([reply.length, 9, 7]);
    expect(deserialize(decodeRequest(reply).body)).toEqual({ ok: 1 });
  });
});
