import { setImmediate as turn } from 'node:timers/promises';
import { ledgerOf } from '../../lib/audit';
import { runInScope, type Scope } from '../../lib/scope';
import { MemoryStore } from '../../models/memory/memory-store';
import { collectGarbage } from '../support/live-memory';
import { memoryLedger } from '../support/memory-ledger';

/** Stores nothing before it is told to. */
class SlowStore extends MemoryStore {
  go: () => void = () => undefined;
  private readonly gone = new Promise<void>((resolve) => (this.go = resolve));

  override async append(...batch: Parameters<MemoryStore['append']>): Promise<void> {
    await this.gone;
    await super.append(...batch);
  }
}

describe('an event that waits', () => {
  it('holds on to neither its request nor what it was made from', async () => {
    const store = new SlowStore();
    const { audit, recorded } = memoryLedger({ defaultTenant: 'acme' }, store);
    void audit.event({ action: 'first' }); // what begins the insert may be held until its end
    const held = recordInScope((event, scope) => ledgerOf(audit).eventIn(scope, event));
    await turn();
    collectGarbage();
    expect(held.map((each) => each.deref())).toEqual([undefined, undefined]);
    store.go();
    const entries = await recorded.all();
    expect(entries.filter(({ tenantId }) => tenantId === 'acme')).toMatchObject([
      { actor: 'anonymous' },
      { actor: 'user_1' },
    ]);
    await audit.close();
  });
});

function recordInScope(record: (event: { action: string }, scope: Scope) => unknown): WeakRef<object>[] {
  const scope: Scope = { origin: () => ({ actor: 'user_1' }), recorded: () => undefined, isOver: false };
  const event = { action: 'second' };
  runInScope(scope, () => void record(event, scope));
  return [new WeakRef(scope), new WeakRef(event)];
}
