import { strict as assert } from 'node:assert';
import type { Entry } from '../../index';
import { missingIn, test } from './example';

type Headers = Record<string, string>;

/** The example for Nest, used as people do, and ended under load. */
test('nest', async (example) => {
  const { base } = example;
  await use(base);
  const ada = await signIn(base, 'ada');
  const answered = await example.endUnderLoad(async (email) => {
    const { status } = await post(base, '/members', { email }, { ...ada, connection: 'close' });
    return status === 201;
  });
  const entries = await example.trailOf('acme');
  const said = ({ action, actor, outcome }: Entry) => [action, actor, outcome];
  assert.deepEqual(entries.slice(0, 4).map(said), [
    ['member.invited', 'ada', 'success'],
    ['auth.unauthorized_access', 'bob', 'denied'],
    ['data.export', 'ada', 'success'],
    ['member.removed', 'ada', 'success'],
  ]);
  assert.deepEqual(missingIn(entries, answered), []);
});

async function signIn(base: string, user: string): Promise<Headers> {
  const answer = await post(base, '/sign-in', { user });
  assert.equal(answer.status, 303);
  return { cookie: answer.headers.getSetCookie()[0]!.split(';')[0]! };
}

function post(base: string, path: string, body: object, headers: Headers = {}): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function use(base: string): Promise<void> {
  const [ada = {}, bob = {}, zoe = {}] = await Promise.all(
    ['ada', 'bob', 'zoe'].map((user) => signIn(base, user)),
  );
  assert.equal((await post(base, '/members', { email: 'new@acme.example' }, ada)).status, 201);
  assert.equal((await post(base, '/members', { email: 'no@acme.example' }, bob)).status, 403);
  assert.equal((await fetch(`${base}/members`)).status, 401);
  assert.match(await (await fetch(`${base}/members/all.csv`, { headers: ada })).text(), /new@acme/);
  const [member] = (await (await fetch(`${base}/members`, { headers: ada })).json()) as { _id: string }[];
  const removed = await fetch(`${base}/members/${member!._id}`, { method: 'DELETE', headers: ada });
  assert.equal(removed.status, 204);

  const page = await fetch(`${base}/audit`, { headers: ada });
  assert.match(await page.text(), /<!doctype html>/i);
  assert.equal((await fetch(new URL('./viewer.js', page.url), { headers: ada })).status, 200);
  const trail = (await (await fetch(`${base}/audit/entries`, { headers: zoe })).json()) as { entries: [] };
  assert.deepEqual(trail.entries, [], 'the trail of another customer');
}
