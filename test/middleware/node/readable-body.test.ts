import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { readableBody } from '../../../middleware/node/readable-body';

async function* portions(failing: boolean): AsyncGenerator<string | Uint8Array> {
  yield 'a';
  yield await Promise.resolve(Buffer.from('b'));
  if (failing) throw new Error('the disk is gone');
}

describe('readableBody', () => {
  it('gives texts and bytes', async () => {
    const never = () => {
      throw new Error('it did not break off');
    };
    expect(await text(readableBody(portions(false), never, never))).toBe('ab');
  });

  it('breaks the connection of a body that breaks off, and reports why', async () => {
    const told: unknown[] = [];
    const body = readableBody(
      portions(true),
      (error) => told.push((error as Error).message),
      () => told.push('dropped'),
    );
    await text(body);
    expect(told).toEqual(['the disk is gone', 'dropped']);
  });

  it('closes what stands behind it when nobody reads on', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield await Promise.resolve('x');
      } finally {
        isClosed = true;
      }
    }
    const body = readableBody(
      endless(),
      () => undefined,
      () => undefined,
    );
    await once(body, 'readable');
    body.destroy();
    await once(body, 'close');
    expect(isClosed).toBe(true);
  });
});
