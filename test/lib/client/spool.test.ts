import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditClient, type ClientOptions, createClient } from '../../../client';
import { diskSpool } from '../../../client-spool';
import { type Collecting, collecting } from '../../support/collecting';
import { type Fault, faultyProxy } from '../../support/faulty-proxy';
import { serve } from '../../support/served';
import { until } from '../../support/deadline';

let directory: string;
const clients: AuditClient[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-client-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 0 }).catch(() => undefined);
  rmSync(directory, { recursive: true });
});

interface Spooling {
  collector: Collecting;
  /** What becomes of requests from now on. */
  say: (fault: Fault) => void;
  start: (options?: ClientOptions) => { client: AuditClient; errors: Error[] };
}

async function spooling(): Promise<Spooling> {
  const collector = await collecting();
  let fault: Fault = 'pass';
  const { url } = await serve(faultyProxy(collector.url, () => fault));
  const apiKey = await collector.newKey({ tenants: 'any' });
  const start = (options: ClientOptions = {}) => {
    const spool = diskSpool({ directory });
    const client = createClient({ url, apiKey, defaultTenant: 'acme', spool, ...options });
    clients.push(client);
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    return { client, errors };
  };
  return { collector, say: (next) => void (fault = next), start };
}

const segments = () =>
  readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.jsonl'));

it('gives the next client what was accepted and not sent, in its order, with the same ids', async () => {
  const { collector, say, start } = await spooling();
  say('lost');
  const { client, errors } = start();
  const ids = Array.from({ length: 20 }, (_, i) => `e-${i}`);
  const receipts = ids.map((id) => client.event({ action: 'a.b', id, metadata: { password: 'p' } }));
  await expect(client.close({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect((await Promise.allSettled(receipts)).every(({ status }) => status === 'rejected')).toBe(true);
  expect(errors[0]).toMatchObject({ code: 'CLOSED', message: expect.stringContaining('The spool keeps it') });

  say('pass');
  const { client: next, errors: none } = start();
  await until(() => segments().length === 0);
  await next.flush();
  const chain = await collector.chain('acme');
  expect(chain.map(({ id }) => id)).toEqual(ids);
  expect(chain[0]!.metadata).toEqual({ password: '[REDACTED]' });
  expect(none).toEqual([]);
  await next.close();
  expect(readdirSync(directory)).toEqual([]);
});

it('keeps an event beyond `timeoutMs`: it waits as long as the collector is away', async () => {
  const { collector, say, start } = await spooling();
  say(502);
  const { client } = start({ timeoutMs: 1 });
  let retries = 0;
  const tried = new Promise<void>((resolve) => client.on('retry', () => ++retries === 3 && resolve()));
  const receipt = client.event({ action: 'a.b', id: 'patient' });
  void receipt.then(() => undefined);
  await tried;
  say('pass');
  expect(await receipt).toMatchObject({ id: 'patient', seq: 1 });
  expect(await collector.chain('acme')).toHaveLength(1);
});

it('lets go of what is refused, and tells of it', async () => {
  const { collector, say, start } = await spooling();
  say('lost');
  const { client } = start();
  void client.event({ action: 'a.b', id: 'kept' });
  void client.event({ action: 'a.b', id: 'taken' });
  await client.close({ timeoutMs: 1 }).catch(() => undefined);
  await collector.audit.event({ action: 'another', tenantId: 'acme', id: 'taken' });
  say('pass');
  const { client: next, errors } = start();
  await until(() => segments().length === 0);
  await next.flush();
  expect(errors).toEqual([
    expect.objectContaining({ code: 'ID_CONFLICT', message: expect.stringContaining('"taken"') }),
  ]);
  const chain = (await collector.chain('acme')).filter(({ action }) => action !== 'ledger.id_conflict');
  expect(chain.map(({ id }) => id)).toEqual(['taken', 'kept']);
});

it('refuses options by name, and a folder that cannot be made', () => {
  expect(() => diskSpool({ directory: '', fsync: 1, maxBytes: 0, bytes: 1 } as never)).toThrow(
    /directory.*fsync.*maxBytes|bytes/s,
  );
  const spool = diskSpool({ directory: '/dev/null/spool' });
  const apiKey = 'k';
  expect(() => createClient({ url: 'http://localhost', apiKey, spool })).toThrow(
    /The spool cannot be opened/,
  );
  expect(() => createClient({ url: 'http://localhost', apiKey, spool: '/tmp' as never })).toThrow(
    /what diskSpool\(\) gave/,
  );
});
