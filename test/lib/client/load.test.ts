import { createClient } from '../../../client';
import { collecting } from '../../support/collecting';
import { type Fault, faultyProxy } from '../../support/faulty-proxy';
import { serve } from '../../support/served';

const FAULTS: Fault[] = [
  'pass',
  'pass',
  'lost',
  'cut',
  'torn',
  'twice',
  'late',
  'overtaken',
  'page',
  429,
  500,
  502,
];
const TENANTS = ['acme', 'beta', 'gamma'];
const EACH = process.env['AUDIT_TEST_LONG'] ? 5_000 : 300;

it('three clients through a faulty proxy: what resolved is in its chain once, in the order of each client', async () => {
  const collector = await collecting();
  const proxy = await serve(
    faultyProxy(collector.url, () => FAULTS[Math.floor(Math.random() * FAULTS.length)]!),
  );
  const clients = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const apiKey = await collector.newKey({ tenants: 'any' });
      const limits = { batch: 40 };
      return { name, client: createClient({ url: proxy.url, apiKey, timeoutMs: 240_000, limits }) };
    }),
  );
  const results = await Promise.allSettled(
    clients.flatMap(({ name, client }) =>
      Array.from({ length: EACH }, (_, i) =>
        client.event({ action: 'a.b', tenantId: TENANTS[i % TENANTS.length]!, actor: name, metadata: { i } }),
      ),
    ),
  );
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  const receipts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const found: string[] = [];
  for (const tenantId of TENANTS) {
    let cursor: string | undefined;
    const chain = [];
    do {
      const page = await collector.audit.list({ tenantId, order: 'asc', limit: 1000, cursor });
      chain.push(...page);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    found.push(...chain.map(({ hash }) => hash));
    for (const { name } of clients) {
      const order = chain
        .filter(({ actor }) => actor === name)
        .map(({ metadata }) => (metadata as { i: number }).i);
      expect(order).toEqual(order.toSorted((x, y) => x - y));
    }
    expect(await collector.audit.verify({ tenantId })).toMatchObject({ verdict: 'intact' });
  }
  expect(found.toSorted()).toEqual(receipts.map(({ hash }) => hash).toSorted());
  for (const { client } of clients) {
    expect(client.stats()).toMatchObject({ queued: 0, inFlight: 0, failed: 0, recorded: EACH });
    await client.close();
  }
});
