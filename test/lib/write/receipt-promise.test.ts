import { AuditError } from '../../../lib/errors';
import { ReceiptPromise } from '../../../lib/write/receipt-promise';
import type { Caller } from '../../../lib/write/pending-event';

const receipt = { id: 'i', tenantId: 't', seq: 1, hash: 'h', recordedAt: 'now' };

/** A promise, how often it was urged, and what was reported. */
function promise() {
  let waiting: Caller | undefined;
  const errors: Error[] = [];
  let urges = 0;
  const promise = ReceiptPromise.of(
    (given) => {
      waiting = given;
      return () => urges++;
    },
    (error) => errors.push(error),
  );
  return { promise, waiting: waiting!, errors, urges: () => urges };
}

const unhandled = jest.fn();
beforeAll(() => process.on('unhandledRejection', unhandled));
afterAll(() => process.off('unhandledRejection', unhandled));

const turn = () => new Promise(setImmediate);

describe('a receipt promise', () => {
  it('is not urged by nobody', async () => {
    const { urges, waiting } = promise();
    waiting.recorded(receipt);
    await turn();
    expect(urges()).toBe(0);
  });

  it.each<[string, (given: Promise<unknown>) => Promise<unknown>]>([
    ['await', async (given) => await given],
    ['then', (given) => given.then()],
    ['catch', (given) => given.catch(() => undefined)],
    ['finally', (given) => given.finally(() => undefined)],
    ['Promise.all', (given) => Promise.all([given])],
    ['Promise.race', (given) => Promise.race([given])],
    ['Promise.allSettled', (given) => Promise.allSettled([given])],
    ['Promise.resolve', (given) => Promise.resolve(given)],
    ['the return of an async function', (given) => (async () => given)()],
  ])('is urged by %s, and gives the receipt', async (_, wait) => {
    const { promise: given, urges, waiting } = promise();
    const waited = wait(given);
    await turn();
    expect(urges()).toBe(1);
    waiting.recorded(receipt);
    expect(JSON.stringify(await waited)).toContain(JSON.stringify(receipt));
  });

  it('is chained to by promises like any other', () => {
    const { promise: given } = promise();
    expect(given.then().constructor).toBe(Promise);
    expect(given.finally().constructor).toBe(Promise);
  });

  it('reports a failure that nobody awaits, and rejects nothing unhandled', async () => {
    const { waiting, errors } = promise();
    const error = new AuditError('CLOSED', 'closed');
    waiting.failed(error);
    await turn();
    expect(errors).toEqual([error]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each<[string, (given: Promise<unknown>) => unknown]>([
    ['a catch', (given) => given.catch(() => undefined)],
    ['await and try', async (given) => await given.then(undefined, () => undefined)],
    ['a wrapper', (given) => (async () => given)().catch(() => undefined)],
    ['Promise.allSettled', (given) => Promise.allSettled([given])],
  ])('leaves a failure to who handles it: %s', async (_, handle) => {
    const { promise: given, waiting, errors } = promise();
    waiting.failed(new AuditError('ID_CONFLICT', 'taken'));
    await handle(given);
    await turn();
    expect(errors).toEqual([]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('ends the wait of who awaits it in time, and of nobody else', async () => {
    const errors: Error[] = [];
    const never = () => () => undefined;
    const awaited = ReceiptPromise.of(never, (error) => errors.push(error), 5);
    const unawaited = ReceiptPromise.of(never, (error) => errors.push(error), 5);
    await expect(awaited).rejects.toMatchObject({
      ...{ code: 'RECORDING_TIMEOUT', status: 503 },
      message: expect.stringMatching(/within 0\.005 s\. It waits/) as string,
    });
    await turn();
    expect(errors).toEqual([]);
    expect(unawaited).toBeInstanceOf(Promise);
  });

  it('is rejected with what its start threw, and reports it', async () => {
    const errors: Error[] = [];
    const thrown = new AuditError('INVALID_EVENT', 'bad');
    const rejected = ReceiptPromise.of(
      () => {
        throw thrown;
      },
      (error) => errors.push(error),
    );
    await turn();
    expect(errors).toEqual([thrown]);
    expect(unhandled).not.toHaveBeenCalled();
    await expect(rejected).rejects.toBe(thrown);
  });
});
