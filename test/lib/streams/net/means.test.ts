import { reasonOf } from '../../../../lib/streams/net/fetch-post';
import { DeliveryMeans, OPEN_NETWORK } from '../../../../lib/streams/net/means';
import { datadog, elastic, otlp, splunk, webhook, type Destination } from '../../../../streams';
import { deliver, pieces } from '../../../support/streams/deliver';
import { type Got, HttpReceiver } from '../../../support/streams/hec';

const means = () => new DeliveryMeans(OPEN_NETWORK, AbortSignal.timeout(60_000), Date.now);

async function described(secret: string, reason: string): Promise<string> {
  const made = means();
  await made.reveal(() => secret);
  return made.describe(reason);
}

describe('what is reported of a delivery', () => {
  it.each([
    ['as it is', 'hunter2&co', 'bad token hunter2&co'],
    ['of a file that ends in a line feed', 'hunter2-token\n', 'bad token hunter2-token, sorry'],
    ['without its scheme', 'Bearer hunter2-token', 'bad token hunter2-token'],
    ['as a name and a password', `Basic ${btoa('ann:hunter2')}`, 'ann: bad password hunter2'],
    ['in an address', 'hunter2/ü', 'bad token hunter2%2F%C3%BC'],
    ['in JSON', 'hunter2"x', 'bad {"token":"hunter2\\"x"}'],
    ['in HTML', 'hunter2<"&', 'bad <p>hunter2&lt;&quot;&amp;'],
    ['where it was cut', 'hunter2-hunter2-hunter2', 'bad token hunter2-hunt'],
    ['with half a character', '\ud800hunter2', 'bad \ud800hunter2'],
  ])('shows no secret %s', async (_name, secret, reason) => {
    const text = await described(secret, reason);
    expect(text).toMatch(/^(ann: )?bad .*…/);
    expect(text).not.toMatch(/hunter2/);
  });

  it('shows nothing of a secret that another is a part of', async () => {
    const made = means();
    await made.reveal('hunter2');
    await made.reveal('hunter2-and-more');
    expect(made.describe('it was hunter2-and-more')).toBe('it was …');
  });

  it('is one short line of whole characters', async () => {
    const text = await described('x'.repeat(9), `a\r\n\u001b[2J\u0085b ${'😀'.repeat(1_000)}`);
    expect(text).toMatch(/^a \[2J b 😀/);
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text.isWellFormed()).toBe(true);
  });
});

describe('what went wrong', () => {
  const circle = new Error('round');
  circle.cause = circle;
  it.each<[unknown, string]>([
    [new Error('plain'), 'plain'],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }),
      'ECONNRESET: reset',
    ],
    [Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }), 'write EPIPE'],
    [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [{ message: 'of another realm', cause: { code: 'EX', message: '' } }, 'EX: of another realm'],
    [circle, 'round'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [Object.create(null), 'it threw something else than an error'],
  ])('%# is told in a few words', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

describe('an answer that repeats all that it was asked', () => {
  const echo = ({ method, path, headers, body }: Got) => ({
    status: 404,
    body: `Cannot ${method} ${decodeURIComponent(path)} ${path} ${JSON.stringify(headers)} ${body}`,
  });

  it.each<[string, (url: string) => Destination]>([
    ['splunk', (url) => splunk({ url: `${url}/t/hunter2?key=hunter2`, token: 'hunter2-token' })],
    ['datadog', (url) => datadog({ url: `${url}/hunter2-%C3%BC/`, apiKey: 'hunter2-key' })],
    ['elastic', (url) => elastic({ url: `${url}/hunter2`, username: 'u', password: 'hunter2-word' })],
    ['otlp', (url) => otlp({ url: `${url}/hunter2`, headers: { authorization: 'Bearer hunter2-token' } })],
    [
      'webhook',
      (url) => webhook({ url: `${url}/services/hunter2`, secret: `whsec_${'hunter2A'.repeat(4)}` }),
    ],
  ])('shows nothing of what was set up for %s', async (_name, make) => {
    const http = new HttpReceiver(echo);
    const to = make(await http.listen());
    const made = means();
    const delivery = await to.deliver(pieces(to, 1), made);
    await http.close();
    expect(delivery.result).not.toBe('taken');
    const reason = made.describe((delivery as { reason: string }).reason);
    expect(reason).toContain('it answered 404: Cannot POST');
    expect(reason).not.toMatch(/hunter2/);
  });

  it('is read up to a bound, whatever is compressed in it', async () => {
    const { gzipSync } = await import('node:zlib');
    const { createServer } = await import('node:http');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(bomb);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const answer = await means().post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: '' });
    server.closeAllConnections();
    server.close();
    expect(answer.text.length).toBeLessThan(8 * 1024 * 1024);
  });
});

it('an answer that never ends is no answer in time', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    response.writeHead(200).flushHeaders();
    const timer = setInterval(() => response.write('.'), 10);
    request.socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const to = webhook({ url: `http://127.0.0.1:${port}`, secret: `whsec_${'A'.repeat(32)}` });
  await expect(deliver(to, pieces(to, 1), { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  server.closeAllConnections();
  server.close();
});
