import type { DraftedEvent } from '../../../lib/event/drafter';
import { Outbox } from '../../../lib/write/outbox';
import type { Caller } from '../../../lib/write/pending-event';
import { MemoryStore } from '../../../models/memory/memory-store';
import { until } from '../../support/deadline';

const MANY = 10_000;

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

function put(store: MemoryStore, items: ReturnType<typeof left>[]): Promise<void> {
  return store.addToOutbox(items, { inTransaction: () => false }, Promise.resolve(), () => undefined);
}

/** An outbox of which nothing may fail. */
function outboxOf(
  store: MemoryStore,
  enqueue: (drafted: DraftedEvent, caller: Caller) => Promise<boolean>,
): Outbox {
  const fail = (error: unknown): never => {
    throw error;
  };
  return new Outbox({
    ...{ store, enqueue, failed: fail },
    alarm: { raise: (_: unknown, error: unknown) => fail(error), clear: () => undefined } as never,
    clock: { now: Date.now, random: () => 0 },
  });
}

describe('what a tenant has in the outbox whose chain is held up', () => {
  let outbox: Outbox;
  afterEach(() => outbox.stop());

  it('holds nobody else up, and is offered by each sweep once, not item by item', async () => {
    const store = new MemoryStore();
    const held = new Set(['held']);
    const offered = new Map<string, number>();
    const enqueue = ({ draft: { tenantId } }: DraftedEvent, caller: Caller) => {
      offered.set(tenantId, (offered.get(tenantId) ?? 0) + 1);
      if (!held.has(tenantId)) caller.recorded(RECEIPT);
      return Promise.resolve(!held.has(tenantId));
    };
    outbox = outboxOf(store, enqueue);
    const many = Array.from({ length: MANY }, (_, n) => left(n, 'held'));
    await put(store, [...many, left(MANY, 'other')]);
    outbox.start();
    await until(() => offered.get('other') === 1, 'the first sweep has found what is behind them');
    expect(offered.get('held')).toBe(1);
    await put(store, [left(MANY + 1, 'other')]);
    await until(() => offered.get('other') === 2, 'the second one has');
    expect(offered.get('held')).toBe(2);
    held.clear();
    await until(async () => (await store.countOutbox()) === 0, 'all are linked once the chain takes them');
    expect(offered.get('held')).toBe(2 + MANY);
  });

  it('is linked in its order, also where its chain is freed while a sweep is at it', async () => {
    const store = new MemoryStore();
    const taken: string[] = [];
    const held = new Set(['held']);
    const enqueue = ({ draft: { tenantId, id } }: DraftedEvent, caller: Caller) => {
      const isHeld = held.has(tenantId);
      if (tenantId === 'other') held.clear();
      if (isHeld) return Promise.resolve(false);
      taken.push(id);
      caller.recorded(RECEIPT);
      return Promise.resolve(true);
    };
    outbox = outboxOf(store, enqueue);
    await put(store, [left(1, 'held'), left(2, 'other'), left(3, 'held'), left(4, 'held')]);
    outbox.start();
    await until(async () => (await store.countOutbox()) === 0, 'all are linked');
    expect(taken).toEqual(['other-2', 'held-1', 'held-3', 'held-4']);
  });
});
