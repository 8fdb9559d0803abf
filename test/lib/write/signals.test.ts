import { AuditError } from '../../../lib/errors';
import { Signals } from '../../../lib/write/signals';
import { eventually } from '../../support/eventually';

function raise(error: Error): never {
  throw error;
}

const recordedAt = '2026-01-01T00:00:00.000Z';
const receipt = { id: 'x', tenantId: 't', seq: 1, hash: 'h', recordedAt, action: 'org.read' };

function signals(): { signals: Signals; logged: unknown[][] } {
  const logged: unknown[][] = [];
  const log = (...line: unknown[]): void => void logged.push(line);
  return { signals: new Signals({ warn: log, error: log }), logged };
}

describe('Signals', () => {
  it('tells listeners, until they are taken off', () => {
    const { signals: own } = signals();
    const told: unknown[] = [];
    const listener = (...args: unknown[]): void => void told.push(args);
    own.on('recorded', listener);
    own.on('retry', listener);
    own.recorded(receipt);
    own.retry('t', 1, 'cause');
    own.off('recorded', listener);
    own.recorded(receipt);
    expect(told).toEqual([[receipt], [{ tenantId: 't', attempt: 1, cause: 'cause' }]]);
  });

  it('logs an error that nobody listens to, and never throws it', () => {
    const { signals: own, logged } = signals();
    const error = new Error('full');
    own.error(error);
    expect(logged).toEqual([['audit: full', error]]);
  });

  it('gives an error to its listeners alone', () => {
    const { signals: own, logged } = signals();
    const told: Error[] = [];
    own.on('error', (error) => told.push(error));
    own.error(new Error('full'));
    expect([told.length, logged.length]).toEqual([1, 0]);
  });

  it('gives each error a code, also what was met on the way of a request', () => {
    const { signals: own } = signals();
    const told: unknown[] = [];
    own.on('error', ({ code, message, cause }) => told.push([code, message, cause]));
    const cause = new TypeError('within');
    own.error(new Error('`identify` threw', { cause }));
    own.error(new AuditError('RECORDING_STALLED', 'nothing gets on'));
    expect(told).toEqual([
      ['CAPTURE_FAILED', '`identify` threw', cause],
      ['RECORDING_STALLED', 'nothing gets on', undefined],
    ]);
  });

  it('logs what a listener throws, and tells the next one', () => {
    const { signals: own, logged } = signals();
    const told: string[] = [];
    const broken = new Error('listener');
    own.on('error', () => {
      throw broken;
    });
    own.on('error', () => told.push('next'));
    expect(() => own.error(new Error('full'))).not.toThrow();
    expect(told).toEqual(['next']);
    expect(logged).toEqual([["audit: a listener for 'error' threw", broken]]);
  });

  it('logs what an async listener rejects with, which would end the process', async () => {
    const { signals: own, logged } = signals();
    const broken = new Error('listener');
    own.on('recorded', () => Promise.reject(broken));
    own.recorded(receipt);
    await eventually(() => expect(logged).toEqual([["audit: a listener for 'recorded' threw", broken]]));
  });

  it.each([
    ['throws', (error: Error) => () => raise(error)],
    ['rejects', (error: Error) => () => Promise.reject(error)],
  ])('says on the console what a logger that %s was told', async (_how, logger) => {
    const said: unknown[][] = [];
    const restore = (['warn', 'error'] as const).map((level) =>
      jest
        .spyOn(console, level)
        .mockImplementation((...line) => void said.push([level, ...(line as unknown[])])),
    );
    const [broken, full] = [new Error('logger'), new Error('full')];
    const own = new Signals({ warn: logger(broken), error: logger(broken) });
    own.error(full);
    own.warn('nobody was found');
    own.on('error', () => raise(full));
    own.error(full);
    await eventually(() => expect(said).toHaveLength(6));
    expect(said).toEqual(
      expect.arrayContaining([
        ['error', 'audit: full', full],
        ['warn', 'audit: nobody was found'],
        ['error', "audit: a listener for 'error' threw", full],
        ['error', 'audit: the logger threw', broken],
      ]),
    );
    for (const spy of restore) spy.mockRestore();
  });
});
