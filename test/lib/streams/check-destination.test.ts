import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elastic, jsonl, otlp, splunk, webhook, type Destination } from '../../../streams';
import { checkDestination } from '../../../testing';
import { Collector, type Got, HttpReceiver } from '../../support/streams/hec';
import { Receiver } from '../../support/streams/receiver';
import { temporaryFolder } from '../../support/temporary';

interface Place {
  tenantId: string;
  seq: number;
}

/** The entries in a body, whatever is around them. */
const placesIn = ({ body }: Got): Place[] =>
  Array.from(body.matchAll(/"tenantId\\?":\\?"(\w+)\\?"[^]*?"seq\\?":(\d+)/g), ([, tenantId, seq]) => ({
    tenantId: tenantId!,
    seq: Number(seq),
  }));

describe('the built-in destinations', () => {
  it('splunk passes', async () => {
    const collector = new Collector({ token: 'T' });
    const url = await collector.http.listen();
    await checkDestination({
      destination: () => splunk({ url, token: 'T' }),
      received: () => Promise.resolve(collector.envelopes.map(({ event }) => event)),
      fail: () => {
        collector.fail = () => ({ status: 503, body: '{"code":9}' });
        return Promise.resolve(() => Promise.resolve(void (collector.fail = () => null)));
      },
    });
    await collector.http.close();
  });

  it.each<[string, (url: string) => Destination]>([
    ['webhook', (url) => webhook({ url, secret: `whsec_${'A'.repeat(32)}`, batch: 50 })],
    ['otlp', (url) => otlp({ url })],
  ])('%s passes', async (_name, make) => {
    const places: Place[] = [];
    let isAway = false;
    const http = new HttpReceiver((got) => {
      if (isAway) return 'cut';
      places.push(...placesIn(got));
      return { status: 200, body: '{}' };
    });
    const url = await http.listen();
    await checkDestination({
      destination: () => make(url),
      received: () => Promise.resolve(places),
      fail: () => {
        isAway = true;
        return Promise.resolve(() => Promise.resolve(void (isAway = false)));
      },
    });
    await http.close();
  });

  it('elastic passes', async () => {
    const places: Place[] = [];
    const http = new HttpReceiver(({ body }) => {
      const lines = body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
      for (const { event, organization } of lines)
        if (event) places.push({ tenantId: String(organization!['id']), seq: Number(event['sequence']) });
      return { status: 200, body: '{"errors":false}' };
    });
    const url = await http.listen();
    await checkDestination({ destination: () => elastic({ url }), received: () => Promise.resolve(places) });
    await http.close();
  });

  it('jsonl passes', async () => {
    const file = join(temporaryFolder(), 'a.jsonl');
    const received = () =>
      Promise.resolve(
        readFileSync(file, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Place),
      );
    await checkDestination({ destination: () => jsonl({ file }), received });
  });
});

describe('a destination that does not hold', () => {
  const check = (change: Partial<Destination>, received?: () => Place[]) => {
    const to = new Receiver();
    const destination = () => Object.assign(to, change);
    return checkDestination({ destination, received: () => Promise.resolve(received?.() ?? to.got) });
  };

  it('is told what is wrong', async () => {
    await expect(check({})).resolves.toBeUndefined();
    await expect(check({ limits: { entries: 0, bytes: 1.5 } })).rejects.toThrow(
      /`limits.entries`.*`limits.bytes`/,
    );
    await expect(check({}, () => [])).rejects.toThrow('the other side must have all entries, in order');
    await expect(check({ encode: () => String(Math.random()) })).rejects.toThrow('the same each time');
    await expect(
      check({ deliver: () => Promise.resolve({ result: 'retry', reason: 'no' }) }),
    ).rejects.toThrow('a delivery must be taken, got {"result":"retry","reason":"no"}');
  });

  it('leaves nothing behind that keeps a process from its end', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await check({});
    expect(timers()).toBe(before);
  });
});
