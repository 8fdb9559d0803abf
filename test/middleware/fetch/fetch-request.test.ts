import { ledgerOf } from '../../../lib/audit';
import { runInScope } from '../../../lib/scope';
import { observe, type ObserveFacts } from '../../../middleware/fetch/observe';
import { CAPTURE_BY_DEFAULT } from '../../../middleware/http/capture';
import { createTestAudit } from '../../../testing';

const audit = createTestAudit();
afterEach(() => audit.clear());
afterAll(() => audit.close());

/** The context of an event that is recorded within a request. */
async function contextOf(url: string, facts: Partial<ObserveFacts> = {}) {
  const parts = { ledger: ledgerOf(audit), identify: undefined, capture: CAPTURE_BY_DEFAULT };
  const { scope } = observe(parts, new Request(url), { nobody: null, ...facts });
  await runInScope(scope, () => audit.event({ tenantId: 'acme', action: 'a.b' }));
  return audit.entries[0]?.context;
}

describe('a request that no route is known of', () => {
  it.each([
    ['/members/7f3a?x=1', '/members/…'],
    ['', '/'],
  ])('%s has as much of its path as is safe', async (target, path) => {
    expect(await contextOf(`http://localhost${target}`)).toMatchObject({ path });
  });

  it('has none where the framework does not tell it', async () => {
    const context = await contextOf('http://localhost/', { target: { path: '', query: '' } });
    expect(context).toMatchObject({ method: 'GET' });
    expect(context).not.toHaveProperty('path');
  });
});
