import { strict as assert } from 'node:assert';
import type { Entry } from '../../../lib/chain/entry';
import { type Case, contextOf, none, only } from '../suite';

/** Routes: the pattern, which is the same for all things, and the path, which tells one from another. */
export const ROUTES: readonly Case[] = [
  {
    name: 'a route',
    proves: 'An entry has the pattern of the route, and the path without its query.',
    run: async (client) => {
      await client.json('/event?secret=1');
      return ({ entries }) => assert.deepEqual(placeOf(only(entries)), ['/event', '/event']);
    },
  },
  {
    name: 'prefixes and versions',
    proves:
      'The pattern is the whole one, with the prefixes and the version that the framework has put before it.',
    run: async (client) => {
      assert.equal((await client.ask('/api/v1/orgs/acme/things/9')).status, 200);
      return ({ entries }) =>
        assert.deepEqual(placeOf(only(entries)), [
          '/api/v1/orgs/:orgId/things/:id',
          '/api/v1/orgs/acme/things/9',
        ]);
    },
  },
  {
    name: 'an encoded path',
    proves: 'A path is recorded as the client has sent it.',
    run: async (client) => {
      assert.equal((await client.ask('/api/v1/orgs/a%20b/things/%C3%A9')).status, 200);
      return ({ entries }) =>
        assert.deepEqual(placeOf(only(entries)), [
          '/api/v1/orgs/:orgId/things/:id',
          '/api/v1/orgs/a%20b/things/%C3%A9',
        ]);
    },
  },
  {
    name: 'no route',
    proves: 'What does not exist is answered with 404, and is no event.',
    run: async (client) => {
      assert.equal((await client.ask('/no/such/route')).status, 404);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'a malformed path',
    proves:
      'A path that cannot be decoded is refused by the framework, and the next request is recorded as ever.',
    run: async (client) => {
      const { status } = await client.ask('/%');
      assert.ok(status >= 400 && status < 500, `it was answered with ${status}`);
      await client.json('/event');
      return ({ entries }) => assert.equal(only(entries).action, 'thing.read');
    },
  },
];

/** The route, with parameters written as Express does, and the path. */
function placeOf(entry: Entry): string[] {
  return [contextOf(entry, 'route').replace(/\[(\w+)\]/g, ':$1'), contextOf(entry, 'path')];
}
