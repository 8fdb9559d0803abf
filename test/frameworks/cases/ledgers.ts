import { strict as assert } from 'node:assert';
import { type Case, none, only } from '../suite';

/** Two ledgers in one application. */
export const LEDGERS: readonly Case[] = [
  {
    name: 'a second ledger',
    proves: 'Below its own capture, the request’s call records in the second ledger alone.',
    run: async (client) => {
      await client.json('/second/event');
      return ({ entries, second }) => {
        none(entries);
        const { action, actor, tenantId } = only(second);
        assert.deepEqual([action, actor, tenantId], ['thing.read', 'ada', client.name]);
      };
    },
  },
  {
    name: 'refused below the second',
    proves: 'A refusal below the second ledger’s capture is one entry of it.',
    run: async (client) => {
      assert.equal((await client.ask('/second/denied')).status, 401);
      return ({ second }) => {
        const { action, actor, tenantId } = only(second);
        assert.deepEqual([action, actor, tenantId], ['auth.unauthorized_access', 'ada', client.name]);
      };
    },
  },
  {
    name: 'one ledger a process',
    proves: 'However often the application’s modules are loaded, its ledger has started once.',
    run: () =>
      Promise.resolve(({ all }) => {
        only(all.filter(({ action }) => action === 'ledger.started'));
      }),
  },
];
