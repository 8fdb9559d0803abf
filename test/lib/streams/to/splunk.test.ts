import { splunk } from '../../../../streams';
import { Collector } from '../../../support/streams/hec';
import { deliver, pieces } from '../../../support/streams/deliver';

let [collector, url] = [new Collector({ token: 'T' }), ''];
async function collect(options: ConstructorParameters<typeof Collector>[0]): Promise<void> {
  collector = new Collector(options);
  url = await collector.http.listen();
}
beforeEach(() => collect({ token: 'T' }));
afterEach(() => collector.http.close());

describe('splunk', () => {
  it('sends envelopes that the collector takes, with what finds gaps among the indexed fields', async () => {
    const to = splunk({ url, token: () => Promise.resolve('T'), index: 'audit', host: 'shop' });
    expect(await deliver(to, pieces(to, 3))).toEqual({ result: 'taken' });
    expect(collector.envelopes).toHaveLength(3);
    expect(collector.envelopes[1]).toMatchObject({
      time: '1795305600.000',
      sourcetype: 'audit:ledger',
      index: 'audit',
      host: 'shop',
      fields: { tenant: 'acme', seq: '2', entry: 'acme:e2' },
      event: { tenantId: 'acme', seq: 2, prevHash: collector.envelopes[0]!.event.hash },
    });
  });

  it('waits for the indexers where it is told to', async () => {
    await collector.http.close();
    await collect({ token: 'T', acknowledgement: true });
    const to = splunk({ url, token: 'T', acknowledgement: true });
    expect(await deliver(to, pieces(to, 2))).toEqual({ result: 'taken' });
    expect(collector.http.requests.map(({ path }) => path)).toEqual([
      '/services/collector/event',
      '/services/collector/ack',
      '/services/collector/ack',
    ]);
  });

  it.each([
    [503, 9, 'retry'],
    [500, 8, 'retry'],
    [503, 18, 'retry'],
    [503, 23, 'retry'],
    [429, 26, 'retry'],
    [413, 27, 'split'],
    [403, 1, 'stop'],
    [403, 4, 'stop'],
    [400, 7, 'stop'],
    [400, 10, 'stop'],
    [400, 14, 'stop'],
    [400, 16, 'stop'],
  ])('takes %i with code %i for %s', async (status, code, result) => {
    collector.fail = () => ({
      status,
      headers: { 'retry-after': '7' },
      body: JSON.stringify({ text: 'no', code }),
    });
    const to = splunk({ url, token: 'T' });
    const delivery = await deliver(to, pieces(to, 2));
    expect(delivery).toMatchObject({ result, ...(result === 'retry' && { after: 7_000 }) });
  });

  it('sets one event aside by its number: those before it are taken, those behind it come again', async () => {
    const to = splunk({ url, token: 'T' });
    const given = pieces(to, 4);
    given[2] = { ...given[2]!, text: '{"time":"1.000"}' };
    expect(await deliver(to, given)).toMatchObject({ result: 'taken', refused: [{ index: 2 }], rest: [3] });
    expect(collector.envelopes.map(({ event }) => event.seq)).toEqual([1, 2]);
  });

  it('fails where nothing answers whole', async () => {
    const to = splunk({ url, token: 'T' });
    collector.fail = () => 'cut';
    await expect(deliver(to, pieces(to, 1))).rejects.toThrow();
    collector.fail = () => 'hang';
    await expect(deliver(to, pieces(to, 1), { signal: AbortSignal.timeout(200) })).rejects.toThrow();
  });

  it('asks for its token at each try, and stops while it is refused', async () => {
    let token = 'old';
    const to = splunk({ url, token: () => token });
    expect(await deliver(to, pieces(to, 1))).toMatchObject({ result: 'stop' });
    token = 'T';
    expect(await deliver(to, pieces(to, 1))).toEqual({ result: 'taken' });
  });

  it('refuses options that it cannot use, and shows none of them', () => {
    const bad = { url: 'https://user:hunter2@x', token: '', tokken: 'hunter2' } as never;
    expect(() => splunk(bad)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(() => splunk(bad)).toThrow(/`tokken` is not known.*`token`.*`url`/);
    expect(() => splunk(bad)).not.toThrow(/hunter2/);
  });

  it.each<[string, object, string]>([
    ['no acknowledgement', { text: 'Success', code: 0 }, 'stop'],
    ['what is no answer of its own', { ok: true }, 'retry'],
  ])('that gives %s where acknowledgements are awaited takes nothing', async (_what, told, result) => {
    collector.fail = () => ({ status: 200, body: JSON.stringify(told) });
    const to = splunk({ url, token: 'T', acknowledgement: true });
    expect(await deliver(to, pieces(to, 1))).toMatchObject({ result });
  });

  it.each<[number, object, string]>([
    [200, {}, 'retry'],
    [503, { code: 9 }, 'retry'],
    [403, { code: 4 }, 'stop'],
    [400, { code: 14 }, 'stop'],
    [400, { code: 6 }, 'retry'],
  ])('is asked whether it has all, and says %i with %j: %s', async (status, told, result) => {
    await collector.http.close();
    await collect({ token: 'T', acknowledgement: true });
    collector.fail = ({ path }) => (path.endsWith('/ack') ? { status, body: JSON.stringify(told) } : null);
    const to = splunk({ url, token: 'T', acknowledgement: true });
    expect(await deliver(to, pieces(to, 1))).toMatchObject({ result });
  });

  it('halves where it names an event that it was not given', async () => {
    collector.fail = () => ({ status: 400, body: JSON.stringify({ code: 6, 'invalid-event-number': 9 }) });
    const to = splunk({ url, token: 'T' });
    expect(await deliver(to, pieces(to, 2))).toMatchObject({ result: 'split' });
  });
});
