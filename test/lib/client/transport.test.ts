import { type AuditClient, type ClientOptions, createClient } from '../../../client';
import { serve } from '../../support/served';

const clients: AuditClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function asking(options: Partial<ClientOptions>): AuditClient {
  const client = createClient({ url: 'http://127.0.0.1:1', apiKey: 'k', timeoutMs: 1, ...options });
  clients.push(client);
  return client;
}

/** A collector that answers all queries so. */
async function answering(status: number, headers: Record<string, string> = {}): Promise<string> {
  const { url } = await serve((_req, res) => {
    res.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    const code = status === 429 ? 'QUEUE_FULL' : 'STORE_UNAVAILABLE';
    res.end(JSON.stringify({ status, code, detail: 'Try again.' }));
  });
  return url;
}

const query = (client: AuditClient) => client.list({ tenantId: 'acme' });

describe('a query', () => {
  it.each([
    ['answers that it has no database', 503, {}],
    ['asks for more time than there is', 429, { 'retry-after': '600' }],
  ])('fails once its time is up where the collector %s', async (_, status, headers) => {
    await expect(query(asking({ url: await answering(status, headers) }))).rejects.toMatchObject({
      code: status === 429 ? 'QUEUE_FULL' : 'STORE_UNAVAILABLE',
    });
  });

  it('fails once its time is up where nobody answers, and says why', async () => {
    await expect(query(asking({}))).rejects.toThrow(
      /^The collector was asked: no answer in time, .*fetch failed/,
    );
  });

  it.each([
    [new Error('cut', { cause: new Error('by the proxy') }), 'cut: by the proxy'],
    [new Error('cut', { cause: { code: 'ECUT' } }), 'cut: ECUT'],
    [new Error('cut', { cause: { code: 7 } }), 'cut:'],
    ['a text', 'a text'],
  ])('says what a `fetch` of the application has thrown: %p', async (thrown, said) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever it is
    const client = asking({ fetch: () => Promise.reject(thrown) });
    await expect(query(client)).rejects.toThrow(said);
  });

  it('is tried again until it is answered', async () => {
    let tries = 0;
    const { url } = await serve((_req, res) => {
      res.writeHead(tries++ === 0 ? 503 : 200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ entries: [], nextCursor: null }));
    });
    expect([...(await query(asking({ url, timeoutMs: 60_000 })))]).toEqual([]);
    expect(tries).toBe(2);
  });

  it('ends when its client is closed', async () => {
    const client = asking({ url: await answering(503), timeoutMs: 60_000 });
    const asked = expect(query(client)).rejects.toMatchObject({ status: 503 });
    await client.close();
    await asked;
  });
});
