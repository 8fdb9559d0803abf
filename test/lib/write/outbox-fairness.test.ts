import type { DraftedEvent } from '../../../lib/event/drafter';
import { Outbox } from '../../../lib/write/outbox';
import type { Caller } from '../../../lib/write/pending-event';
import { MemoryStore } from '../../../models/memory/memory-store';
import { until } from '../../support/deadline';

/** Ten times as many as are known by their keys. */
const MANY = 10_000;
const KNOWN = 1_000;

const RECEIPT = { id: '', tenantId: '', seq: 1, hash: '', recordedAt: '' };

/** What a process that was killed has left. */
function left(n: number, tenantId: string) {
  const draft = {
    v: 1,
    tenantId,
    id: `${tenantId}-${n}`,
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: 'a',
    action: 'a.b',
    outcome: 'success',
  };
  const key = `${String(n).padStart(6, '0')}-${tenantId}`;
  return { key, at: n, text: JSON.stringify({ draft, occurredAtGiven: false }) };
}

describe('what a tenant has in the outbox whose chain is held up', () => {
  let outbox: Outbox;
  afterEach(() => outbox.stop());

  it('holds nobody else up, and is known by its keys up to a bound, so that no sweep offers it again', async () => {
    const store = new MemoryStore();
    const put = (items: ReturnType<typeof left>[]) =>
      store.addToOutbox(items, { inTransaction: () => false }, Promise.resolve(), () => undefined);
    const held = new Set(['held']);
    const offered = new Map<string, number>();
    const failures: Error[] = [];
    const enqueue = ({ draft: { tenantId } }: DraftedEvent, caller: Caller) => {
      offered.set(tenantId, (offered.get(tenantId) ?? 0) + 1);
      if (!held.has(tenantId)) caller.recorded(RECEIPT);
      return Promise.resolve(!held.has(tenantId));
    };
    outbox = new Outbox({
      store,
      enqueue,
      isHeldUp: (tenantId) => held.has(tenantId),
      failed: (error) => void failures.push(error),
      alarm: {
        raise: (_: unknown, error: Error) => failures.push(error),
        clear: () => undefined,
      } as never,
      clock: { now: Date.now, random: () => 0 },
    });
    await put(Array.from({ length: MANY }, (_, n) => left(n, 'held')));
    await put([left(MANY, 'other')]);
    outbox.start();
    await until(() => offered.get('other') === 1, 'the first sweep has found what is behind them');
    expect(offered.get('held')).toBe(MANY);
    await put([left(MANY + 1, 'other')]);
    await until(() => offered.get('other') === 2, 'the second one has');
    expect(offered.get('held')).toBe(2 * MANY - KNOWN);
    held.clear();
    await until(async () => (await store.countOutbox()) === 0, 'all are linked once the chain takes them');
    expect(offered.get('held')).toBe(3 * MANY - KNOWN);
    expect(failures).toEqual([]);
  });
});
