import { Strangers } from '../../../lib/write/strangers';
import { liveMemory } from '../../support/live-memory';
import { memoryLedger } from '../../support/memory-ledger';
import { sumOf } from '../../support/refused';
import { ledgerOf } from '../../../lib/audit';
import { scopeOf } from '../../../lib/scope';
import { MemoryStore } from '../../../models/memory/memory-store';

const MINUTE = 60_000;
const ACTION = 'auth.unauthorized_access';

/** Chains that begin at once; one more a second. */
const AT_ONCE = 20;

const turn = () => new Promise((resolve) => setImmediate(resolve));

function setUp(there: string[] = []) {
  let now = 0;
  const asked: string[] = [];
  const rests: (() => void)[] = [];
  let isResting = false;
  const strangers = new Strangers(
    (tenantId) => {
      asked.push(tenantId);
      return Promise.resolve(there.includes(tenantId));
    },
    () => now,
    () => (isResting ? new Promise((resolve) => rests.push(resolve)) : Promise.resolve()),
  );
  const tenantsOf = (count: number, isIdentified: boolean, prefix = 'made-up') =>
    new Set(Array.from({ length: count }, (_, n) => strangers.tenantOf(`${prefix}-${n}`, isIdentified)));
  const rest = () => (isResting = true);
  const pass = (by: number) => (now += by);
  /** Has so many more tenants let in, as fast as they are. */
  const fill = (count: number, isIdentified = false) => {
    for (let n = 0; n < count; n += AT_ONCE) {
      tenantsOf(n + AT_ONCE, isIdentified);
      pass(AT_ONCE * 1_000);
    }
  };
  return { strangers, asked, rests, rest, tenantsOf, fill, pass };
}

describe('tenants that captured requests name', () => {
  it.each([
    ['nobody', false, 100],
    ['actors', true, 1_000],
  ])('are their own up to a bound, named by %s, and the ledger’s beyond', (_who, isIdentified, most) => {
    const { tenantsOf, fill, pass } = setUp();
    fill(most * 2, isIdentified);
    const tenants = tenantsOf(most * 10, isIdentified);
    expect(tenants.size).toBe(most + 1);
    expect(tenants).toContain('system');
    pass(MINUTE);
    expect(tenantsOf(most * 10, isIdentified)).toEqual(tenants);
  });

  it('begin a bounded number of chains at once, and a second, whoever names them', () => {
    const { tenantsOf, pass } = setUp();
    expect(tenantsOf(1_000, true).size).toBe(AT_ONCE + 1);
    expect(tenantsOf(1_000, false, 'other')).toEqual(new Set(['system']));
    pass(3_000);
    expect(tenantsOf(1_000, false, 'other').size).toBe(3 + 1);
    pass(MINUTE);
    expect(tenantsOf(1_000, false, 'another').size).toBe(AT_ONCE + 1);
  });

  it('are their own where the application itself has named them', () => {
    const { strangers, tenantsOf } = setUp();
    strangers.meet('acme');
    tenantsOf(1_000, false);
    expect(strangers.tenantOf('acme', false)).toBe('acme');
    expect(strangers.tenantOf('globex', false)).toBe('system');
    strangers.meet('globex');
    expect(strangers.tenantOf('globex', false)).toBe('globex');
  });

  it('leave their place once the application has named them', () => {
    const { strangers, fill } = setUp();
    fill(100);
    expect(strangers.tenantOf('next', false)).toBe('system');
    strangers.meet('made-up-7');
    expect(strangers.tenantOf('next', false)).toBe('next');
    expect(strangers.tenantOf('beyond', false)).toBe('system');
  });

  it('keep their place where another process has begun their chain: by turns they would begin them without bound', () => {
    const { strangers, fill } = setUp();
    fill(100);
    strangers.find('made-up-7');
    expect(strangers.knows('made-up-7')).toBe(true);
    expect(strangers.tenantOf('next', false)).toBe('system');
  });

  it('are their own from the second time on where they have a chain', async () => {
    const { strangers, tenantsOf } = setUp(['acme']);
    tenantsOf(AT_ONCE, false);
    expect(strangers.tenantOf('acme', false)).toBe('system');
    await turn();
    expect(strangers.tenantOf('acme', false)).toBe('acme');
  });

  it('are looked for a bounded number of times', async () => {
    const { asked, tenantsOf, pass } = setUp();
    tenantsOf(10_100, false);
    await turn();
    expect(asked).toHaveLength(50);
    tenantsOf(10_100, false, 'other');
    await turn();
    expect(asked).toHaveLength(50);
    pass(1_000);
    tenantsOf(10_100, false, 'other');
    await turn();
    expect(asked).toHaveLength(50 + 5);
  });

  it('are looked for one at a time, with a rest in between', async () => {
    const { asked, rests, rest, tenantsOf } = setUp();
    rest();
    tenantsOf(200, false);
    for (let n = 1; n <= 3; n++) {
      await turn();
      expect(asked).toHaveLength(n);
      rests.shift()?.();
    }
  });

  it('take little memory, whatever they are called', () => {
    const { strangers } = setUp();
    const before = liveMemory();
    for (let n = 0; n < 100_000; n++) {
      const name = `${n}`.padStart(256, 'ü');
      strangers.tenantOf(name, n % 2 === 0);
      strangers.meet(name);
    }
    expect(liveMemory() - before).toBeLessThan(20 * 2 ** 20);
  });
});

describe('4,000 made-up hosts', () => {
  it.each([false, true])('begin no more chains than the bound says; signed in: %s', async (isSignedIn) => {
    const store = new MemoryStore();
    const { audit } = memoryLedger({}, store);
    await audit.event({ tenantId: 'acme', action: 'own' });
    const actor = isSignedIn ? 'eve' : undefined;
    for (let n = 0; n < 4_000; n++) {
      const tenantId = `host-${n}.example.com`;
      const key = { tenantId, action: ACTION, actor: '', network: `10.0.${n >> 8}.${n & 255}`, route: '/' };
      const scope = scopeOf({ tenantId, actor });
      ledgerOf(audit).captured.fold(key, { action: ACTION, outcome: 'denied' }, scope);
    }
    await audit.flush();
    const refused = store.entries().filter(({ action }) => action === ACTION);
    const chains = new Set(refused.map(({ tenantId }) => tenantId));
    expect(chains.size).toBeLessThanOrEqual(isSignedIn ? 1_001 : 101);
    expect(refused.length).toBeLessThanOrEqual(2_001);
    expect(sumOf(refused)).toBe(4_000);
    const ofNobody = refused.filter(({ tenantId, actor }) => tenantId === 'system' && actor !== 'various');
    if (!isSignedIn) expect(ofNobody[0]).toMatchObject({ metadata: { tenantId: 'host-20.example.com' } });
  });
});
