import { strict as assert } from 'node:assert';
import { createClient } from '../../../client';
import type { Client } from '../client';
import type { Case } from '../suite';

interface Key {
  id: string;
  key: string;
}

const makeKey = (client: Client): Promise<Key> => client.json<Key>('/keys', { method: 'POST' });

/** The collector, mounted by the framework's own means, behind what the application has before it. */
export const COLLECTOR: readonly Case[] = [
  {
    name: 'events of a client',
    proves: 'What a service sends by its key is recorded as its own, and it reads it again.',
    run: async (client) => {
      const { id, key } = await makeKey(client);
      const service = createClient({ url: `${client.url}/ingest`, apiKey: key, defaultTenant: client.name });
      const batch = service.batch();
      for (const n of [1, 2, 3]) batch.event({ action: 'job.ran', actor: 'worker', metadata: { n } });
      const { receipts } = await batch.commit();
      const entry = await service.get({ tenantId: client.name, id: receipts[0]?.id ?? '' });
      assert.equal(entry?.hash, receipts[0]?.hash);
      await service.close();
      return ({ entries }) => {
        const sent = entries.filter(({ action }) => action === 'job.ran');
        assert.deepEqual(
          sent.map(({ actor, via, context, metadata }) => [actor, via, context, metadata]),
          [1, 2, 3].map((n) => ['worker', id, undefined, { n }]),
        );
      };
    },
  },
  {
    name: 'a wrong key',
    proves: 'It is refused, and is a matter of the collector: no user of the application failed to sign in.',
    run: async (client) => {
      const { key } = await makeKey(client);
      const headers = { authorization: `Bearer ${key}x`, 'content-type': 'application/json' };
      const body = JSON.stringify({ action: 'job.ran' });
      const { status } = await client.ask('/ingest/events', { method: 'POST', user: null, headers, body });
      assert.equal(status, 401);
      return ({ entries }) =>
        assert.deepEqual(
          entries.map(({ tenantId, action }) => [tenantId, action]),
          [['system', 'ledger.key.refused']],
        );
    },
  },
];
