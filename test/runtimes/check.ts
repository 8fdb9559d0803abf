import { createClient, isReceiptOf } from '../../client';

/** Set when this is bundled. */
declare const COLLECTOR: { url: string; apiKey: string };

/** Calls of a client, in whatever runtime this is: what they gave, to be compared with those of others. */
export async function check(name: string): Promise<object> {
  const tenantId = `of-${name}`;
  const failures: string[] = [];
  const client = createClient({ ...COLLECTOR, defaultTenant: tenantId });
  client.on('error', (error) => failures.push(error.message));
  const receipt = await client.event({
    action: 'a.awaited',
    actor: { id: 'ada', name: 'Ada' },
    metadata: { password: 'p', when: new Date(0), bytes: new Uint8Array([1, 2]), long: 'x'.repeat(70_000) },
  });
  for (let i = 0; i < 5; i++) void client.event({ action: 'a.unawaited', actor: 'u'.repeat(500 + i) });
  await client.flush();
  const batch = client.batch();
  for (let i = 0; i < 100; i++) batch.event({ action: 'a.batch' });
  const { count } = await batch.commit();
  const entry = await client.get({ tenantId, id: receipt.id });
  const page = await client.list({ tenantId, limit: 3, order: 'asc' });
  let bytes = 0;
  for await (const piece of await client.exportEvidence({ tenantId })) bytes += piece.length;
  const { verdict } = await client.verify({ tenantId });
  const refused = await client
    .event({ action: '' })
    .catch((error: unknown) => (error as { code: string }).code);
  await client.close();
  return {
    count,
    verdict,
    refused,
    isReceipt: entry !== null && isReceiptOf(receipt, entry),
    seqs: page.map(({ seq }) => seq),
    hasEvidence: bytes > 10_000,
    runAs: runsAs(client),
    failures: failures.length,
    stats: client.stats(),
  };
}

function runsAs(client: ReturnType<typeof createClient>): unknown {
  try {
    return client.runAs({ actor: 'job' }, () => 'runs');
  } catch (error) {
    return (error as { code: string }).code;
  }
}
