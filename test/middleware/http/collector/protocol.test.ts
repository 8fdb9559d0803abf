import { keyIdIn } from '../../../../lib/keys/key-text';
import { createClient } from '../../../../client';
import { answering, type AnswerCase, REQUESTS } from '../../../support/answers';
import { collecting } from '../../../support/collecting';
import { serve } from '../../../support/served';
import vectors from '../../../vectors/collector.json';

interface Exchange {
  name: string;
  request: { method: string; path: string; headers?: Record<string, string>; body?: object; text?: string };
  response: { status: number; headers?: Record<string, string>; body: unknown };
}

/** What the words in pointed brackets stand for. */
const KINDS: Record<string, unknown> = {
  '<hash>': expect.stringMatching(/^[0-9a-f]{64}$/),
  '<instant>': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  '<text>': expect.any(String),
};

/** What an answer is to be, where objects may have further members. */
function expected(value: unknown): unknown {
  if (typeof value === 'string') return KINDS[value] ?? value;
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, expected(member)]);
  return expect.objectContaining(Object.fromEntries(members) as object);
}

it('answers the requests of the vectors, one after the other, as they say', async () => {
  const { newKey, send } = await collecting();
  const key = await newKey({ scopes: ['write', 'read', 'verify'] });
  for (const { name, request, response } of vectors.exchanges as Exchange[]) {
    const { method, path, headers = {}, body, text } = request;
    const answer = await send(path, { key, method, headers, body: text ?? body });
    expect({ name, status: answer.status, body: answer.body }).toEqual({
      name,
      status: response.status,
      body: expected(response.body),
    });
    for (const [header, value] of Object.entries(response.headers ?? {}))
      expect([name, answer.headers.get(header)]).toEqual([name, value]);
  }
});

it.each(vectors.answers.cases as AnswerCase[])(
  'a client that is answered $status goes on as the vectors say: $then',
  async (given) => {
    const seen: string[][] = [];
    const { url } = await serve(answering(given, seen));
    const client = createClient({
      url,
      apiKey: 'k',
      logger: { warn: () => undefined, error: () => undefined },
    });
    for (const id of ['1', '2']) void client.event({ action: 'a.b', tenantId: 'acme', id });
    await client.flush().catch(() => undefined);
    expect(seen).toEqual(REQUESTS[given.then]);
    await client.close();
  },
);

it('keys of the vectors are keys, and others are none', () => {
  expect(vectors.keys.valid.map(keyIdIn)).toEqual(vectors.keys.valid.map((key) => key.split('_')[1]));
  expect(vectors.keys.invalid.map(keyIdIn)).toEqual(vectors.keys.invalid.map(() => null));
});
