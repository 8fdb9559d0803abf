import { strict as assert } from 'node:assert';
import { type Case, only } from '../suite';

/** Clients that hang up: what the application did for them is recorded all the same. */
export const HANG_UPS: readonly Case[] = [
  {
    name: 'gone before the headers',
    proves: 'A refusal is an entry although its client had hung up before, which the entry says.',
    run: async (client) => {
      await client.hangUpEarly('/slow-denied-early');
      await client.untilRecorded(() => true);
      return ({ entries }) => {
        const { action, actor, outcome, context, metadata } = only(entries);
        assert.deepEqual(
          [action, actor, outcome, context?.['statusCode'], metadata],
          ['auth.unauthorized_access', 'ada', 'denied', 401, { completed: false }],
        );
      };
    },
  },
  {
    name: 'gone while the body came',
    proves:
      'An export that broke off is an entry with the bytes that have left, and says that it is not complete.',
    run: async (client) => {
      await client.hangUpLate('/slow.csv');
      await client.untilRecorded(() => true);
      return ({ entries }) => {
        const { action, metadata } = only(entries);
        const { responseSize: size, completed } = metadata as { responseSize: number; completed?: false };
        assert.deepEqual([action, completed], ['data.export', false]);
        assert.ok(size > 0 && size < 30_000_000, `${size} bytes`);
      };
    },
  },
];
