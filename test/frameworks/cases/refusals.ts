import { strict as assert } from 'node:assert';
import type { Client } from '../client';
import { type Case, type Check, none, only, sumOf } from '../suite';

const UNAUTHORIZED = 'auth.unauthorized_access';

/** A request that is refused, and the one entry that there is of it. */
async function refused(client: Client, path: string, status: number, action = UNAUTHORIZED): Promise<Check> {
  assert.equal((await client.ask(path)).status, status);
  return ({ entries }) => {
    const { actor, tenantId, outcome, context, metadata, ...entry } = only(entries);
    const { statusCode, route } = context ?? {};
    assert.deepEqual(
      { action: entry.action, actor, tenantId, outcome, statusCode, route, metadata },
      {
        action,
        actor: 'ada',
        tenantId: client.name,
        outcome: 'denied',
        statusCode: status,
        route: path,
        metadata: undefined,
      },
    );
  };
}

/** What is refused, however a framework does that. */
export const REFUSALS: readonly Case[] = [
  {
    name: 'nobody is let in',
    proves:
      'A 401 of the framework’s own guard is an entry of the ledger’s own chain, whose actor is anonymous.',
    run: async (client) => {
      assert.equal((await client.ask('/guarded', { user: null })).status, 401);
      return ({ entries }) => {
        const { action, actor, tenantId, context } = only(entries);
        assert.deepEqual(
          [action, actor, tenantId, context?.['statusCode']],
          [UNAUTHORIZED, 'anonymous', 'system', 401],
        );
      };
    },
  },
  {
    name: 'somebody is let in',
    proves: 'A guard that lets a request through leaves no entry.',
    run: async (client) => {
      assert.equal((await client.ask('/guarded')).status, 200);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'forbidden',
    proves: 'A 403 of a guard is an entry with the user whom it refused, and the route.',
    run: (client) => refused(client, '/forbidden', 403),
  },
  {
    name: 'limited',
    proves: 'A 429 is an entry.',
    run: (client) => refused(client, '/limited', 429, 'security.rate_limited'),
  },
  {
    name: 'a thrown refusal',
    proves: 'An error of the framework with the status 403, thrown by a handler, is an entry.',
    run: (client) => refused(client, '/thrown', 403),
  },
  {
    name: 'refused in its own time',
    proves: 'A refusal that takes its time is an entry.',
    run: (client) => refused(client, '/slow-denied', 401),
  },
  {
    name: 'a failure',
    proves: 'An error that is no refusal is answered with 500, and is no event.',
    run: async (client) => {
      assert.equal((await client.ask('/boom')).status, 500);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'invalid input',
    proves: 'A 400 of the framework’s validation is no event.',
    run: async (client) => {
      const headers = { 'content-type': 'application/json' };
      assert.equal(
        (await client.ask('/validated', { method: 'POST', headers, body: '{"name":5}' })).status,
        400,
      );
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'refused after its body',
    proves: 'A refusal is an entry although a body of 1 MB was read before.',
    run: async (client) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ text: 'x'.repeat(1_000_000) });
      const { status } = await client.ask('/denied-after-body', { method: 'POST', headers, body });
      assert.equal(status, 403);
      return ({ entries }) => {
        const { action, actor, context } = only(entries);
        assert.deepEqual([action, actor, context?.['method']], [UNAUTHORIZED, 'ada', 'POST']);
      };
    },
  },
  {
    name: 'a failure that is recorded',
    proves: 'What the application has recorded itself as failed is not captured a second time.',
    run: async (client) => {
      assert.equal((await client.ask('/failure')).status, 401);
      return ({ entries }) => assert.equal(only(entries).action, 'login.failed');
    },
  },
  {
    name: 'a flood of refusals',
    proves: 'Repeated refusals are counted: no more than ten entries of their own, and each is in the sum.',
    run: async (client) => {
      for (let i = 0; i < 25; i++) await client.ask('/forbidden');
      return ({ entries }) => {
        assert.equal(sumOf(entries), 25);
        assert.ok(entries.length < 25, 'they were not folded');
      };
    },
  },
];
