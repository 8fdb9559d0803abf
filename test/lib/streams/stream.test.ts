import type { AuditError } from '../../../lib/errors';
import { parseStream } from '../../../lib/streams/stream-options';
import { StreamService } from '../../../lib/streams/stream-service';
import { MemoryStore } from '../../../models/memory/memory-store';
import { chain } from '../../conformance/given';
import { eventually } from '../../support/eventually';
import { Receiver, upTo } from '../../support/streams/receiver';

let store = new MemoryStore();
let [errors, entries]: [AuditError[], [string, object][]] = [[], []];
const services: StreamService[] = [];
beforeEach(() => ([store, errors, entries] = [new MemoryStore(), [], []]));
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop(0);
});

/** Short as they are, no turn passes on a slow machine, unless time does. */
function deliver(to: Receiver, options: object = {}, elapsed = () => 0): StreamService {
  const service = new StreamService(
    {
      store,
      clock: { now: Date.now, random: () => 0 },
      record: (action, metadata) => Promise.resolve(entries.push([action, metadata])),
      report: (error) => errors.push(error),
      pace: { tick: 30 },
      elapsed,
    },
    [parseStream({ name: 'siem', to, tenants: ['acme'], ...options })],
  );
  services.push(service);
  service.start();
  return service;
}

const actions = () => entries.map(([action]) => action);

describe('a stream', () => {
  it('that is given another destination closes the first, and goes on where it was', async () => {
    const [first, second] = [new Receiver(), new Receiver()];
    const close = jest.fn(() => Promise.reject(new Error('it does not end')));
    Object.assign(first, { close });
    Object.assign(second, { address: 'elsewhere' });
    const service = deliver(first);
    await store.append(chain('acme', 3));
    await eventually(() => expect(first.seqs('acme')).toEqual(upTo(3)));
    await service.add(parseStream({ name: 'siem', to: second, tenants: ['acme'] }));
    await store.append(chain('acme', 5).slice(3));
    await eventually(() => expect(second.seqs('acme')).toEqual([4, 5]));
    expect([first.seqs('acme'), close.mock.calls.length]).toEqual([upTo(3), 1]);
    expect(actions()).toEqual(['ledger.stream_started', 'ledger.stream_changed']);
    expect(entries[1]![1]).toMatchObject({ stream: 'siem', address: 'elsewhere' });
  });

  it('that is paused stays so when its process begins anew, and tells what it has delivered before', async () => {
    const to = new Receiver();
    const first = deliver(to);
    await store.append(chain('acme', 3));
    await eventually(async () => expect((await store.streams())[0]?.progress).toContain('"delivered":3'));
    await first.setPaused('siem', true);
    await first.stop();
    const again = deliver(to);
    await store.append(chain('acme', 5).slice(3));
    await eventually(async () => expect((await again.all())[0]).toMatchObject({ row: { isPaused: true } }));
    expect(to.seqs('acme')).toEqual(upTo(3));
    await again.setPaused('siem', false);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(5)));
    await eventually(() => expect(again.stats().streams).toMatchObject([{ name: 'siem', delivered: 5 }]));
    expect(actions()).toEqual(['ledger.stream_started', 'ledger.stream_paused', 'ledger.stream_resumed']);
  });

  it('whose destination wants nothing more is paused, with its word', async () => {
    const to = new Receiver();
    to.answer = () => ({ result: 'stop', reason: 'gone', isGone: true });
    deliver(to);
    await store.append(chain('acme', 3));
    await eventually(async () => expect(await store.streams()).toMatchObject([{ isPaused: true }]));
    await eventually(() => expect(actions()).toContain('ledger.stream_paused'));
    expect(entries.find(([action]) => action === 'ledger.stream_paused')![1]).toMatchObject({
      reason: 'gone',
    });
  });

  it('begins a chain anew whose cursor is beyond its end, and says so', async () => {
    await store.append(chain('acme', 3));
    await store.moveCursors('siem', [{ tenantId: 'acme', from: 'any', to: 99 }]);
    const to = new Receiver();
    const service = deliver(to);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(3)));
    expect(service.stats().streams![0]!.lastError?.reason).toMatch(/was beyond the end: it begins anew/);
  });

  it.each<[string, string | Date, number[]]>([
    ['now', 'now', [4]],
    ['an instant before all', new Date(0), upTo(4)],
    ['an instant to come', '2999-01-01T00:00:00Z', [4]],
  ])('begins where it is told: %s', async (_what, from, expected) => {
    await store.append(chain('acme', 3));
    const to = new Receiver();
    // Where it begins is read before the chain is read for the first time.
    const page = jest.spyOn(store, 'page');
    deliver(to, { from });
    await eventually(() => expect(page).toHaveBeenCalled());
    await store.append(chain('acme', 4).slice(3));
    await eventually(() => expect(to.seqs('acme')).toEqual(expected));
  });

  it('whose process has lost its turn moves no cursor by what it still delivers', async () => {
    const to = new Receiver();
    const gate: { open: () => void } = { open: () => undefined };
    to.answer = () => new Promise((resolve) => (gate.open = () => resolve({ result: 'taken' })));
    deliver(to, {}, () => performance.now());
    await store.append(chain('acme', 3));
    await eventually(() => expect(to.tries).toBe(1));
    const lease = jest.spyOn(store, 'acquireLease').mockResolvedValue(false);
    await eventually(() => expect(services[0]!.stats().streams).toEqual([]));
    gate.open();
    expect(await store.cursors('siem')).toEqual([]);
    lease.mockRestore();
    to.answer = () => ({ result: 'taken' });
    await eventually(async () => expect(await store.cursors('siem')).toEqual([{ tenantId: 'acme', seq: 3 }]));
  });

  it('that is replayed twice at a time is so from the second place, too', async () => {
    const to = new Receiver();
    const service = deliver(to);
    await store.append(chain('acme', 6));
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(6)));
    const from = (seq: number) => service.replay('siem', 'acme', () => Promise.resolve(seq), {});
    await Promise.all([from(6), from(2)]);
    await eventually(() => expect(to.seqs('acme').length).toBeGreaterThan(6));
    await eventually(async () => expect(await store.cursors('siem')).toEqual([{ tenantId: 'acme', seq: 6 }]));
  });

  it('that nobody has is known by nobody', async () => {
    const service = deliver(new Receiver());
    expect(() => service.known('other')).toThrow(expect.objectContaining({ code: 'UNKNOWN_STREAM' }));
    await expect(service.remove('other')).rejects.toMatchObject({ code: 'UNKNOWN_STREAM' });
    await expect(service.setPaused('other', true)).rejects.toMatchObject({ code: 'UNKNOWN_STREAM' });
    await expect(service.replay('other', undefined, () => Promise.resolve(1), {})).rejects.toMatchObject({
      code: 'UNKNOWN_STREAM',
    });
  });
});
