import { ledgerOf } from '../../../lib/audit';
import { scopeOf } from '../../../lib/scope';
import { MemoryStore } from '../../../models/memory/memory-store';
import { memoryLedger } from '../../support/memory-ledger';
import { CALLER, sumOf } from '../../support/refused';

const { action } = CALLER;

function setUp(store = new MemoryStore()) {
  const { audit } = memoryLedger({}, store);
  /** So many refusals from as many networks. */
  const refuse = (count: number, { tenantId = 'acme', actor = '', prefix = '10.0.0' } = {}) => {
    for (let n = 0; n < count; n++) {
      const key = { ...CALLER, tenantId, actor, network: `${prefix}.${n}` };
      const scope = scopeOf({ tenantId, ...(actor && { actor }), context: { ipAddress: key.network } });
      ledgerOf(audit).captured.fold(key, { action, outcome: 'denied' }, scope);
    }
  };
  const refused = async (tenantId: string) => {
    await audit.flush();
    return store.entries().filter((entry) => entry.tenantId === tenantId && entry.action === action);
  };
  return { audit, store, refuse, refused };
}

describe('a flood of refusals in a tenant’s name', () => {
  it('by nobody hides no refusal of its users, and none of another tenant', async () => {
    const { audit, refuse, refused } = setUp();
    for (const tenantId of ['acme', 'globex']) await audit.event({ tenantId, action: 'a.b' });
    refuse(5_000);
    refuse(1, { actor: 'mallory' });
    refuse(1, { tenantId: 'globex', prefix: '192.0.2' });
    const [acme, globex] = [await refused('acme'), await refused('globex')];
    expect(acme.map(({ actor }) => actor)).toContain('mallory');
    expect(globex).toMatchObject([{ context: { ipAddress: '192.0.2.0' } }]);
    expect(sumOf(acme)).toBe(5_001);
    expect(acme.length).toBeLessThan(70);
    await audit.close();
  });

  it('that nobody knows hides none of a tenant that has a chain', async () => {
    const store = new MemoryStore();
    const before = setUp(store);
    await before.audit.event({ tenantId: 'acme', action: 'a.b' });
    await before.audit.close();
    const { audit, refuse, refused } = setUp(store);
    refuse(1);
    await refused('acme'); // its chain is found
    for (let n = 0; n < 500; n++) refuse(1, { tenantId: `host-${n}`, prefix: `10.1.${n}` });
    refuse(3, { prefix: '192.0.2' });
    const entries = await refused('acme');
    expect(entries.map(({ context }) => context?.ipAddress)).toEqual([
      '10.0.0.0',
      '192.0.2.0',
      '192.0.2.1',
      '192.0.2.2',
    ]);
    await audit.close();
  });
});
