import { strict as assert } from 'node:assert';
import { type Case, contextOf, none, only, sumOf } from '../suite';

const REPORT = '/members/7/report.csv';

/** Downloads and exports: what was sent to whom, and how much. */
export const EXPORTS: readonly Case[] = [
  {
    name: 'an export',
    proves: 'An entry says which file a user got, what was asked for, and how many bytes were sent.',
    run: async (client) => {
      const { status, body } = await client.ask(`${REPORT}?role=admin`);
      assert.deepEqual([status, body.length], [200, 20_000]);
      return ({ entries }) => {
        const entry = only(entries);
        const { action, actor, resource, metadata } = entry;
        assert.deepEqual([action, actor, resource], ['data.export', 'ada', REPORT]);
        assert.deepEqual(metadata, { method: 'GET', query: { role: 'admin' }, responseSize: 20_000 });
        assert.match(contextOf(entry, 'route'), /^\/members\/(:id|\[id\])\/report\.csv$/);
      };
    },
  },
  {
    name: 'HEAD of an export',
    proves: 'Its answer has no body, and the entry says so.',
    run: async (client) => {
      const { status, body } = await client.ask(REPORT, { method: 'HEAD' });
      assert.deepEqual([status, body.length], [200, 0]);
      return ({ entries }) => assert.deepEqual(only(entries).metadata, { method: 'HEAD', responseSize: 0 });
    },
  },
  {
    name: 'a download from a stream',
    proves: 'An attachment is an export whatever its path, with the size of what the stream gave.',
    run: async (client) => {
      const { status, body } = await client.ask('/download');
      assert.deepEqual([status, body.length], [200, 200_000]);
      return ({ entries }) =>
        assert.deepEqual(only(entries).metadata, { method: 'GET', responseSize: 200_000 });
    },
  },
  {
    name: 'a download by nobody',
    proves: 'What anybody may have is no export.',
    run: async (client) => {
      assert.equal((await client.ask('/download', { user: null })).status, 200);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'not modified',
    proves: 'A 304 sends nothing, and is no export.',
    run: async (client) => {
      assert.equal((await client.ask('/not-modified.csv')).status, 304);
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'files of a page',
    proves: 'What shared caches may keep is meant for everybody, and is no export.',
    run: async (client) => {
      const answers = [await client.ask('/members/1/public.css'), await client.ask('/public/data.json')];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      );
      return ({ entries }) => none(entries);
    },
  },
  {
    name: 'a flood of exports',
    proves: 'Exports of one thing are counted, and each is in the sum.',
    run: async (client) => {
      for (let i = 0; i < 15; i++) await client.ask(REPORT);
      return ({ entries }) => {
        assert.equal(sumOf(entries), 15);
        assert.ok(entries.length < 15, 'they were not folded');
      };
    },
  },
];
