import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { verifyEvidence } from '../../../lib/evidence/check/node';
import type { Answer, Client } from '../client';
import { type Case, none, only } from '../suite';

interface Page {
  entries: { tenantId: string; action: string }[];
}

/** The trail, mounted by the framework's own means. */
export const TRAIL: readonly Case[] = [
  {
    name: 'the page',
    proves: 'The mount leads to the page in a step, or two, and the files that it names are there.',
    run: async (client) => {
      for (const mount of ['/audit', '/audit/']) {
        const { path, answer } = await follow(client, mount);
        assert.equal(answer.status, 200);
        assert.match(String(answer.headers['content-type']), /^text\/html/);
        assert.match(String(answer.headers['content-security-policy']), /script-src 'self'/);
        const files = [...answer.text.matchAll(/(?:src|href)="(\.\/)?(viewer\.(?:js|css))"/g)].map(
          (match) => match[2],
        );
        assert.deepEqual([...files].sort(), ['viewer.css', 'viewer.js']);
        for (const file of files) {
          const { pathname } = new URL(`./${file ?? ''}`, `http://localhost${path}`);
          assert.equal((await client.ask(pathname)).status, 200, pathname);
        }
      }
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'entries of a tenant',
    proves: 'The trail is that of the tenant who asks, and to look at it is no event.',
    run: async (client) => {
      await client.json('/event');
      await client.json('/event', { tenant: `${client.name}-other` });
      const { entries } = await client.json<Page>('/audit/entries?limit=10');
      assert.deepEqual(
        entries.map(({ tenantId }) => tenantId),
        [client.name],
      );
      return ({ entries }) => assert.equal(only(entries.filter(isOwn(client))).action, 'thing.read');
    },
  },
  {
    name: 'one entry',
    proves: 'The parameter of a route of the trail arrives, and what is not there is a problem (RFC 9457).',
    run: async (client) => {
      const { id } = await client.json<{ id: string }>('/event');
      assert.equal((await client.json<{ id: string }>(`/audit/entries/${id}`)).id, id);
      const missing = await client.ask('/audit/entries/none');
      assert.equal(missing.status, 404);
      assert.match(String(missing.headers['content-type']), /^application\/problem\+json/);
      return () => undefined;
    },
  },
  {
    name: 'the trail for nobody',
    proves: 'Nobody gets a trail, and the refusal is one entry of the ledger’s own chain.',
    run: async (client) => {
      const { status, headers } = await client.ask('/audit/entries', { user: null });
      assert.equal(status, 401);
      assert.match(String(headers['content-type']), /^application\/problem\+json/);
      return ({ entries }) => {
        const { tenantId, action } = only(entries);
        assert.deepEqual([tenantId, action], ['system', 'auth.unauthorized_access']);
      };
    },
  },
  {
    name: 'the trail is read-only',
    proves: 'A method that could change something is answered with 405.',
    run: async (client) => {
      assert.equal(
        (
          await client.ask('/audit/entries', {
            method: 'POST',
            body: '{}',
            headers: { 'content-type': 'application/json' },
          })
        ).status,
        405,
      );
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'unchanged',
    proves: 'A client that has an answer is told so: 304.',
    run: async (client) => {
      const first = await client.ask('/audit/viewer.css');
      const headers = { 'if-none-match': String(first.headers.etag) };
      const { status, body } = await client.ask('/audit/viewer.css', { headers });
      assert.deepEqual([status, body.length], [304, 0]);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'evidence',
    proves: 'An export of the trail verifies as it arrived, and is itself one entry.',
    run: async (client) => {
      for (let i = 0; i < 3; i++) await client.json('/event');
      const { status, body, headers } = await client.ask('/audit/export?format=jsonl');
      assert.equal(status, 200, body.toString());
      assert.match(String(headers['content-disposition']), /^attachment/);
      const { verdict, entryCount } = await verifyEvidence(oneOf(body));
      assert.deepEqual([verdict, entryCount], ['intact', 4]);
      return ({ entries }) =>
        assert.deepEqual(
          entries.map(({ action }) => action),
          ['thing.read', 'thing.read', 'thing.read', 'audit.export'],
        );
    },
  },
  {
    name: 'live',
    proves: 'The stream tells of an entry that is recorded after it began.',
    run: async (client) => {
      const sent = client.open('/audit/stream');
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      assert.match(String(response.headers['content-type']), /^text\/event-stream/);
      let text = '';
      for await (const chunk of response) {
        if (text === '') await client.json('/event');
        text += String(chunk);
        if (text.includes('"action":"thing.read"')) break;
      }
      sent.destroy();
      assert.match(text, /event: entry/);
      return ({ entries }) => assert.equal(only(entries).action, 'thing.read');
    },
  },
  {
    name: 'a mount with a parameter',
    proves: 'Where the path names the tenant, the trail is that one’s.',
    run: async (client) => {
      await client.json('/event');
      const { entries } = await client.json<Page>(`/orgs/${client.name}/audit/entries`, {
        tenant: 'elsewhere',
      });
      assert.deepEqual(
        entries.map(({ tenantId }) => tenantId),
        [client.name],
      );
      const { answer } = await follow(client, `/orgs/${client.name}/audit`);
      assert.equal(answer.status, 200);
      return ({ entries }) => assert.equal(only(entries).action, 'thing.read');
    },
  },
];

const isOwn =
  ({ name }: Client) =>
  ({ tenantId }: { tenantId: string }) =>
    tenantId === name;

/** Follows redirects, of which there may be two: Next takes the slash of `/audit/` away first. */
async function follow(client: Client, path: string, left = 2): Promise<{ path: string; answer: Answer }> {
  const answer = await client.ask(path);
  if (answer.headers.location === undefined || left === 0) return { path, answer };
  const { pathname } = new URL(answer.headers.location, `http://localhost${path}`);
  return follow(client, pathname, left - 1);
}

async function* oneOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}
