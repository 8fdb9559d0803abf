import { strict as assert } from 'node:assert';
import { type Asking, answerOf, type Client } from '../client';
import { type Case, contextOf, none, only } from '../suite';

/** The receipt that `/event` answers with. */
interface Receipt {
  id: string;
  tenantId: string;
  hash: string;
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const FILE = Buffer.alloc(1_000_000, 'x');

/** Calls of the application itself: by the request, and by services that know no request. */
export const CALLS: readonly Case[] = [
  {
    name: 'an ordinary answer',
    proves: 'Nothing is recorded that nobody asked for.',
    run: async (client) => {
      assert.deepEqual(await client.json('/ok'), { ok: true });
      return ({ entries }) => none(entries);
    },
  },
  {
    name: "the request's own call",
    proves: 'It resolves with the receipt of an entry that has the user who signed in after the middleware.',
    run: async (client) => {
      const receipt = await client.json<Receipt>('/event');
      return ({ entries }) => {
        const { id, tenantId, hash, action, actor, resource, outcome } = only(entries);
        assert.deepEqual({ id, tenantId, hash }, pick(receipt));
        assert.deepEqual(
          { tenantId, action, actor, resource, outcome },
          {
            tenantId: client.name,
            action: 'thing.read',
            actor: 'ada',
            resource: 'r1',
            outcome: 'success',
          },
        );
      };
    },
  },
  {
    name: 'context of a call',
    proves: 'An entry says from where, by which method, and in which request and trace it was recorded.',
    run: async (client) => {
      const headers = { 'x-request-id': 'request-7', traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
      await client.json('/event', { headers });
      return ({ entries }) => {
        const { method, requestId, traceId } = only(entries).context ?? {};
        assert.deepEqual(
          { method, requestId, traceId },
          { method: 'GET', requestId: 'request-7', traceId: TRACE },
        );
        assert.match(contextOf(only(entries), 'ipAddress'), /127\.0\.0\.1$/);
      };
    },
  },
  {
    name: 'no id of its own making',
    proves: 'A request without an id has none in its entry, and none that a framework merely counts.',
    run: async (client) => {
      await client.json('/event');
      return ({ entries }) => assert.equal(only(entries).context?.['requestId'], undefined);
    },
  },
  {
    name: 'a service',
    proves:
      'A function that is given no request records in the name of the one it works for, after an await too.',
    run: async (client) => {
      assert.equal((await client.ask('/service')).status, 200);
      return ({ entries }) => isOf(only(entries), client, 'service.called', 'GET');
    },
  },
  {
    name: 'services at once',
    proves: 'Requests that are answered at the same time do not take each other’s user.',
    run: async (client) => {
      const users = Array.from({ length: 20 }, (_, i) => `user-${i}`);
      const asked = users.map((user) => client.ask('/service', { user, headers: { 'x-request-id': user } }));
      await Promise.all(asked);
      return ({ entries }) => {
        assert.deepEqual(entries.map(({ actor }) => actor).sort(), [...users].sort());
        for (const { actor, context } of entries) assert.equal(context?.['requestId'], actor);
      };
    },
  },
  {
    name: 'a timer',
    proves: 'What a timer records before the answer is of the request that set it.',
    run: async (client) => {
      assert.equal((await client.ask('/timer')).status, 200);
      return ({ entries }) => isOf(only(entries), client, 'timer.fired', 'GET');
    },
  },
  {
    name: 'a queue',
    proves: 'A worker that was there before the request records nothing in its name.',
    run: async (client) => {
      assert.equal((await client.ask('/queue')).status, 202);
      return ({ all, entries }) => {
        none(entries);
        const { actor, context } = only(all.filter(({ action }) => action === 'queue.ran'));
        assert.deepEqual([actor, context], ['anonymous', undefined]);
      };
    },
  },
  {
    name: 'after the answer',
    proves: 'What still runs after the answer has no tenant of the request, and says so.',
    run: async (client) => {
      assert.equal((await client.ask('/late')).status, 200);
      await client.untilRecorded((entry) => entry.action === 'late.refused', 'late');
      return ({ all, entries }) => {
        none(entries);
        const { metadata } = only(all.filter(({ action }) => action === 'late.refused'));
        assert.deepEqual(metadata, { code: 'TENANT_REQUIRED' });
      };
    },
  },
  {
    name: 'an upload',
    proves: 'A service records in the name of the request after a body of 1 MB was read.',
    run: async (client) => {
      const { body, headers } = upload(client);
      const { status, text } = await client.ask('/upload', { method: 'POST', body, headers });
      assert.equal(status, 200, text);
      return ({ entries }) => {
        const entry = only(entries);
        isOf(entry, client, 'file.uploaded', 'POST');
        assert.deepEqual(entry.metadata, { bytes: FILE.length });
      };
    },
  },
  {
    name: 'a slow upload',
    proves: 'A service records in the name of its request although others were answered while the body came.',
    run: async (client) => {
      const { body, headers } = upload(client);
      const half = Math.floor(body.length / 2);
      const sent = client.open('/upload', {
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.length) },
      });
      sent.write(body.subarray(0, half));
      await client.ask('/service', { user: 'bob' });
      sent.end(body.subarray(half));
      assert.equal((await answerOf(sent)).status, 200);
      return ({ entries }) => {
        const entry = only(entries.filter(({ action }) => action === 'file.uploaded'));
        isOf(entry, client, 'file.uploaded', 'POST');
        assert.deepEqual(entry.metadata, { bytes: FILE.length });
      };
    },
  },
];

function pick({ id, tenantId, hash }: Receipt): Receipt {
  return { id, tenantId, hash };
}

function isOf(
  entry: { action: string; actor?: unknown; tenantId: string; context?: Record<string, unknown> },
  client: Client,
  action: string,
  method: string,
): void {
  const { actor, tenantId, context } = entry;
  assert.deepEqual(
    [entry.action, actor, tenantId, context?.['method'], context?.['userAgent']],
    [action, 'ada', client.name, method, client.name],
  );
}

/** A file of 1 MB, as the application takes it. */
function upload(client: Client): { body: Buffer; headers: NonNullable<Asking['headers']> } {
  if (client.upload === 'raw') return { body: FILE, headers: { 'content-type': 'application/octet-stream' } };
  const boundary = 'a-boundary';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), FILE, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}
