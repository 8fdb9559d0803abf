import { evidenceStream } from '../../../lib/client/evidence-stream';

const PARTS = ['one ', 'two ', 'three'];
const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that ends, or breaks off, behind its parts; told of whoever cancels it. */
function bodyOf(end: 'closed' | 'broken', cancel: (reason: unknown) => void = () => undefined) {
  const left = [...PARTS];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = left.shift();
      if (part !== undefined) controller.enqueue(bytes(part));
      else if (end === 'closed') controller.close();
      else controller.error(new Error('reset'));
    },
    cancel,
  });
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const part of stream) text += new TextDecoder().decode(part);
  return text;
}

// Not each runtime can iterate its streams: there they are given what does it.
describe.each([
  ['iterates its streams', true],
  ['does not iterate its streams', false],
])('an export where the runtime %s', (_, isIterable) => {
  const { prototype } = ReadableStream;
  const own = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator)!;
  beforeEach(() => {
    if (!isIterable) Reflect.deleteProperty(prototype, Symbol.asyncIterator);
  });
  afterEach(() => void Object.defineProperty(prototype, Symbol.asyncIterator, own));

  it('is read to its end', async () => {
    expect(await textOf(evidenceStream(bodyOf('closed')))).toBe(PARTS.join(''));
  });

  it('fails where the connection breaks, never as if it were complete', async () => {
    await expect(textOf(evidenceStream(bodyOf('broken')))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('The export was cut off: no answer in time, reset'),
    });
  });

  it('lets go of the connection when its reader has enough', async () => {
    const cancelled = jest.fn();
    for await (const part of evidenceStream(bodyOf('closed', cancelled))) {
      expect(part).toEqual(bytes(PARTS[0]!));
      break;
    }
    expect(cancelled).toHaveBeenCalledTimes(1);
  });
});

it('is refused without a body', () => {
  expect(() => evidenceStream(null)).toThrow('The collector answered an export without a body.');
});
