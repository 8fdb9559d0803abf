import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { datadog, elastic, otlp, splunk, webhook } from '../../../../streams';
import { elasticTemplate } from '../../../../lib/streams/to/elastic-template';
import { signature } from '../../../../lib/streams/to/webhook';
import { NOW } from '../../../conformance/given';
import { deliver, pieces } from '../../../support/streams/deliver';
import { type Given, type Got, HttpReceiver } from '../../../support/streams/hec';

let [http, url] = [new HttpReceiver(() => ({ status: 200 })), ''];
beforeEach(async () => {
  http = new HttpReceiver(() => ({ status: 200 }));
  url = await http.listen();
});
afterEach(() => http.close());

const answering = (answer: (got: Got) => Given) => (http.answer = answer);
const json = (status: number, value: unknown): Given => ({ status, body: JSON.stringify(value) });

describe('datadog', () => {
  /** Logs v2 as documented: https://docs.datadoghq.com/api/latest/logs/#send-logs */
  const intake = ({ path, headers, body }: Got): Given => {
    if (path !== '/api/v2/logs') return { status: 404 };
    if (headers['dd-api-key'] !== 'KEY') return json(403, { errors: ['Forbidden'] });
    if (Buffer.byteLength(body) > 5_000_000) return json(413, { errors: ['Payload too large'] });
    const logs = JSON.parse(body) as { timestamp?: number; message: string }[];
    if (logs.length > 1_000) return json(413, { errors: ['Too many'] });
    const isOld = logs.some(
      ({ timestamp = Date.parse(NOW) }) => Date.parse(NOW) - timestamp > 18 * 3_600_000,
    );
    return isOld ? json(400, { errors: ['too old'] }) : json(202, {});
  };

  it('sends logs that the intake takes, with the time of the event while it takes that', async () => {
    answering(intake);
    const to = datadog({ apiKey: 'KEY', url, tags: 'env:test' });
    const given = pieces(to, 3, (n) => ({ occurredAt: n === 1 ? '2026-11-20T00:00:00.000Z' : NOW }));
    expect(await deliver(to, given)).toEqual({ result: 'taken' });
    const logs = JSON.parse(http.requests[0]!.body) as object[];
    expect(logs[0]).not.toHaveProperty('timestamp');
    expect(logs[0]).toMatchObject({ occurredAt: '2026-11-20T00:00:00.000Z', seq: 1, ddtags: 'env:test' });
    expect(logs[1]).toMatchObject({ timestamp: Date.parse(NOW), seq: 2, audit: { seq: 2 }, key: 'acme:e2' });
    expect(http.requests[0]!.headers['content-encoding']).toBe('gzip');
  });

  it.each([
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [413, 'split'],
    [400, 'split'],
    [401, 'stop'],
    [403, 'stop'],
    [302, 'stop'],
  ])('takes %i for %s', async (status, result) => {
    answering(() => ({ status, headers: status === 302 ? { location: 'http://127.0.0.1:1/' } : {} }));
    const to = datadog({ apiKey: 'KEY', url });
    expect(await deliver(to, pieces(to, 1))).toMatchObject({ result });
    expect(http.requests).toHaveLength(1);
  });

  it('has the address of its site', () => {
    expect(datadog({ apiKey: 'KEY', site: 'datadoghq.eu' }).address).toBe(
      'https://http-intake.logs.datadoghq.eu',
    );
    expect(() => datadog({ apiKey: 'KEY', site: 'a/b' })).toThrow(/`site`/);
  });
});

describe('elastic', () => {
  const stored = new Map<string, object>();
  beforeEach(() => stored.clear());
  /** `_bulk` into a data stream: `create` alone, an id once, an answer for each item. */
  const bulk = ({ path, headers, body }: Got, statusFor: (id: string) => number = () => 201): Given => {
    if (!path.startsWith('/logs-audit.ledger-default/_bulk')) return json(404, { error: 'no index' });
    if (headers['content-type'] !== 'application/x-ndjson') return json(406, {});
    if (headers.authorization !== 'ApiKey K') return json(401, {});
    if (!body.endsWith('\n')) return json(400, { error: 'must be terminated by a newline' });
    const lines = body
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, { _id: string }>);
    const items = [];
    for (let i = 0; i < lines.length; i += 2) {
      const id = lines[i]!['create']!._id;
      const status = stored.has(id) ? 409 : '@timestamp' in lines[i + 1]! ? statusFor(id) : 400;
      if (status === 201) stored.set(id, lines[i + 1]!);
      items.push({
        create: { status, ...(status > 299 && { error: { type: 'some_exception', reason: 'because' } }) },
      });
    }
    return json(200, { errors: items.some(({ create }) => create.status > 299), items });
  };

  it('creates documents by their keys, and takes those that are there for taken', async () => {
    answering((got) => bulk(got));
    const to = elastic({ url, apiKey: () => 'K' });
    expect(await deliver(to, pieces(to, 2))).toEqual({ result: 'taken' });
    expect(await deliver(to, pieces(to, 3))).toMatchObject({ result: 'taken', refused: [] });
    expect([...stored.keys()]).toEqual(['acme:e1', 'acme:e2', 'acme:e3']);
    expect(stored.get('acme:e2')).toMatchObject({ '@timestamp': NOW, event: { sequence: 2, id: 'acme:e2' } });
  });

  it('tells items that are busy from items that are refused', async () => {
    answering((got) => bulk(got, (id) => ({ 'acme:e1': 429, 'acme:e3': 400 })[id] ?? 201));
    const to = elastic({ url, apiKey: 'K' });
    expect(await deliver(to, pieces(to, 4))).toMatchObject({
      result: 'retry',
      rest: [0],
      refused: [{ index: 2, reason: '400 some_exception: because' }],
    });
  });

  it.each([
    [429, 'retry'],
    [503, 'retry'],
    [413, 'split'],
    [401, 'stop'],
    [404, 'stop'],
  ])('takes %i of the whole request for %s', async (status, result) => {
    answering(() => ({ status, body: '{}' }));
    const to = elastic({ url, username: 'u', password: 'p' });
    expect(await deliver(to, pieces(to, 1))).toMatchObject({ result });
  });
});

describe('elastic, where it is told otherwise', () => {
  const answered = async (status: number, body: string) => {
    answering(() => ({ status, body }));
    const to = elastic({ url, username: 'u', password: () => 'p', dataStream: 'logs-x' });
    return deliver(to, pieces(to, 2));
  };
  const item = (status: number) => ({ create: { status, error: { type: 't', reason: 'r' } } });

  it('goes into the data stream of that name, by name and password', async () => {
    expect(await answered(200, '{"errors":false}')).toEqual({ result: 'taken' });
    expect(http.requests[0]!.path).toMatch(/^\/logs-x\/_bulk\?filter_path=/);
    expect(http.requests[0]!.headers.authorization).toBe(`Basic ${btoa('u:p')}`);
  });

  it.each<[string, string, object]>([
    ['no JSON', 'ok', { result: 'retry', reason: 'it answered 200: ok' }],
    ['of other documents', JSON.stringify({ errors: true, items: [item(201)] }), { result: 'retry' }],
    [
      'of no documents',
      '{"errors":true}',
      { result: 'retry', reason: expect.stringMatching(/did not tell/) },
    ],
    ['no status', JSON.stringify({ errors: true, items: [{}, item(201)] }), { result: 'retry', rest: [0] }],
    [
      'that it may not',
      JSON.stringify({ errors: true, items: [item(403), item(400)] }),
      { result: 'stop', reason: '403 t: r' },
    ],
  ])('takes nothing for taken when the answer is %s', async (_what, body, expected) => {
    expect(await answered(200, body)).toMatchObject(expected);
  });

  it.each<[object, RegExp]>([
    [{ username: 'u' }, /`password` is missing|`password`/],
    [{ password: 'p' }, /`username`/],
    [{ username: 1, password: 'p' }, /`username` must be a string/],
    [{ apiKey: '' }, /`apiKey`/],
    [{ apiKey: 7 }, /`apiKey`/],
    [{ dataStream: 'A/B' }, /`dataStream` must be/],
    [{ url: 'ftp://x' }, /`url` must be/],
    [{ url: 'https://u:p@x' }, /`url` must be/],
  ])('%j is refused', (options, complaint) => {
    expect(() => elastic({ url, ...options })).toThrow(complaint);
  });

  it('has a template that keeps what streams of others take', () => {
    const template = elasticTemplate('logs-x') as { index_patterns: string[] };
    expect(template).toMatchObject({ index_patterns: [expect.stringContaining('logs-x')], data_stream: {} });
  });
});

describe('all of them', () => {
  it.each<[string, () => unknown]>([
    ['splunk', () => splunk(undefined as never)],
    ['datadog', () => datadog([] as never)],
    ['otlp', () => otlp({ url, headers: 7 } as never)],
    ['otlp', () => otlp({ url, headers: { authorization: 7 } } as never)],
    ['otlp', () => otlp({ url, serviceName: 7 } as never)],
    ['webhook', () => webhook({ url, secret: [] })],
    ['webhook', () => webhook({ url, secret: ['x', 7] } as never)],
    ['webhook', () => webhook({ url, secret: 'x', batch: 1.5 })],
    ['webhook', () => webhook({ url, secret: 'x', batch: 1_001 })],
    ['datadog', () => datadog({ apiKey: 'k', tags: 7 } as never)],
    ['splunk', () => splunk({ url, token: 'x', index: 7 } as never)],
  ])('refuse options that are none: %s, %#', (kind, make) => {
    expect(make).toThrow(new RegExp(`^${kind}\\(\\) `));
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  it.each(['', undefined, 7])(
    'deliver nothing while a function gives %p in the place of the secret',
    async (value) => {
      const to = datadog({ url, apiKey: () => value as never });
      await expect(deliver(to, pieces(to, 1))).rejects.toThrow('its secret is missing');
      expect(http.requests).toEqual([]);
    },
  );

  it.each([
    ['7', 7_000],
    ['Sun, 22 Nov 2026 00:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2020 00:00:30 GMT', 0],
    ['soon', undefined],
  ])('wait as `Retry-After: %s` says', async (value, after) => {
    answering(() => ({ status: 429, headers: { 'retry-after': value } }));
    const to = datadog({ url, apiKey: 'KEY' });
    const told = (await deliver(to, pieces(to, 1))) as { after?: number };
    expect(told.after).toBe(after);
  });
});

describe('webhook', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

  it('signs as the vector of Standard Webhooks', () => {
    const signed = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(signature(secret, signed)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('sends one entry a message, under an id that stays, signed by each secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url').toString('base64');
    const to = webhook({ url: `${url}/hook?x=1`, secret: [secret, () => `whsk_${seed}`] });
    const given = pieces(to, 1);
    await deliver(to, given);
    await deliver(to, given, { now: Date.parse(NOW) + 60_000 });
    const [first, second] = http.requests;
    expect(first!.path).toBe('/hook?x=1');
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.headers['webhook-timestamp']).not.toBe(first!.headers['webhook-timestamp']);
    const signed = `${String(first!.headers['webhook-id'])}.${String(first!.headers['webhook-timestamp'])}.${first!.body}`;
    const [v1, v1a] = String(first!.headers['webhook-signature']).split(' ');
    const key = Buffer.from(secret.slice(6), 'base64');
    expect(v1).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(v1a!.slice(4), 'base64'))).toBe(true);
    expect(JSON.parse(first!.body)).toMatchObject({
      type: 'audit.entry',
      data: { seq: 1, tenantId: 'acme' },
    });
  });

  it('sends many entries in one message where it is told to', async () => {
    const to = webhook({ url, secret, batch: 3 });
    await deliver(to, pieces(to, 3));
    expect(JSON.parse(http.requests[0]!.body)).toMatchObject({
      type: 'audit.entries',
      data: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
    });
  });

  it.each([
    [204, { result: 'taken' }],
    [301, { result: 'retry' }],
    [410, { result: 'stop', isGone: true }],
    [429, { result: 'retry', after: 3_000 }],
    [502, { result: 'retry' }],
    [422, { result: 'split' }],
    [404, { result: 'stop' }],
  ])('takes %i for %o', async (status, expected) => {
    answering(() => ({ status, headers: { 'retry-after': '3', location: `${url}/elsewhere` } }));
    const to = webhook({ url, secret });
    expect(await deliver(to, pieces(to, 1))).toMatchObject(expected);
    expect(http.requests).toHaveLength(1);
  });

  it('refuses a secret of another form, and does not show it', async () => {
    const to = webhook({ url, secret: 'hunter2hunter2' });
    const error = await deliver(to, pieces(to, 1)).catch(String);
    expect(error).toMatch(/its secret must be whsec_/);
    expect(error).not.toMatch(/hunter2/);
  });
});

describe('otlp', () => {
  it('sends records in the JSON of the protocol', async () => {
    answering(() => json(200, {}));
    const to = otlp({ url, headers: { authorization: () => 'Bearer x' } });
    const given = pieces(to, 2, () => ({ context: { traceId: 'ab'.repeat(16) }, outcome: 'denied' }));
    expect(await deliver(to, given)).toEqual({ result: 'taken' });
    const [{ path, headers, body }] = http.requests as [Got];
    expect([path, headers.authorization]).toEqual(['/v1/logs', 'Bearer x']);
    const { resourceLogs } = JSON.parse(body) as {
      resourceLogs: { scopeLogs: { logRecords: object[] }[] }[];
    };
    expect(resourceLogs[0]!.scopeLogs[0]!.logRecords[1]).toMatchObject({
      timeUnixNano: '1795305600000000000',
      severityNumber: 13,
      traceId: 'ab'.repeat(16),
      attributes: expect.arrayContaining([
        { key: 'log.record.uid', value: { stringValue: 'acme:e2' } },
        { key: 'audit.seq', value: { intValue: '2' } },
      ]),
    });
  });

  it.each([
    [json(200, { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'no' } }), 'split'],
    [json(200, { partialSuccess: {} }), 'taken'],
    [json(429, {}), 'retry'],
    [json(502, {}), 'retry'],
    [json(400, {}), 'split'],
    [json(401, {}), 'stop'],
  ])('takes %j for %s', async (given, result) => {
    answering(() => given);
    const to = otlp({ url });
    expect(await deliver(to, pieces(to, 2))).toMatchObject({ result });
  });
});
