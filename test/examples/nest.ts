import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { createAudit } from '../../index';
import { startDatabase } from '../support/database-server';

const PROJECT = join(__dirname, '../..');
const CLIENTS = 8;
/** After how many answers the application is ended. */
const WARM = 40;

/** Starts the example for Nest by its one command, uses it as people do, and ends it under load. */
async function main(): Promise<void> {
  const database = await startDatabase();
  const dbName = `example_${randomBytes(6).toString('hex')}`;
  const env = { ...process.env, MONGODB_URI: database.uri, DATABASE: dbName, PORT: '0' };
  const app = spawn(process.execPath, ['--import', 'tsx', 'example-app/nest/start.ts'], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const connection = await createConnection(database.uri, { dbName }).asPromise();
  try {
    const base = await addressOf(app);
    await use(base);
    const answered = await endUnderLoad(app, base);
    const audit = createAudit({ connection, logger: console });
    await check(audit, answered);
    await audit.close();
    console.log(`nest: works, and each of ${answered.length} answers has its entry`);
  } finally {
    app.kill('SIGKILL');
    await connection.dropDatabase();
    await connection.close();
    await database.close();
  }
}

async function addressOf(app: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of app.stdout!.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const address = /at (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`The example ended: ${printed}`);
}

async function signIn(base: string, user: string): Promise<{ cookie: string }> {
  const answer = await post(base, '/sign-in', { user });
  assert.equal(answer.status, 303);
  return { cookie: answer.headers.getSetCookie()[0]!.split(';')[0]! };
}

function post(
  base: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function use(base: string): Promise<void> {
  const [ada, bob, zoe] = await Promise.all(['ada', 'bob', 'zoe'].map((user) => signIn(base, user)));
  assert.equal((await post(base, '/members', { email: 'new@acme.example' }, ada)).status, 201);
  assert.equal((await post(base, '/members', { email: 'no@acme.example' }, bob)).status, 403);
  assert.equal((await fetch(`${base}/members`)).status, 401);
  assert.match(await (await fetch(`${base}/members/all.csv`, { headers: ada! })).text(), /new@acme/);
  const [member] = (await (await fetch(`${base}/members`, { headers: ada! })).json()) as { _id: string }[];
  assert.equal(
    (await fetch(`${base}/members/${member!._id}`, { method: 'DELETE', headers: ada! })).status,
    204,
  );

  const page = await fetch(`${base}/audit`, { headers: ada! });
  assert.match(await page.text(), /<!doctype html>/i);
  assert.equal((await fetch(new URL('./viewer.js', page.url), { headers: ada! })).status, 200);
  const trail = (await (await fetch(`${base}/audit/entries`, { headers: zoe! })).json()) as { entries: [] };
  assert.deepEqual(trail.entries, [], 'the trail of another customer');
}

/** Invites until the application answers no more. @returns the addresses whose invitations were answered */
async function endUnderLoad(app: ChildProcess, base: string): Promise<string[]> {
  const ada = await signIn(base, 'ada');
  const answered: string[] = [];
  const exit = once(app, 'exit');
  const invite = async (client: number) => {
    for (let i = 0; ; i++) {
      const email = `${client}-${i}@acme.example`;
      const answer = await post(base, '/members', { email }, { ...ada, connection: 'close' }).catch(
        () => null,
      );
      if (answer?.status !== 201) return;
      if (answered.push(email) === WARM) app.kill('SIGTERM');
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => invite(client)));
  const [code] = (await exit) as [number];
  assert.equal(code, 0);
  return answered;
}

async function check(audit: ReturnType<typeof createAudit>, answered: string[]): Promise<void> {
  const entries = [];
  for (let cursor: string | undefined; ;) {
    const page = await audit.list({ tenantId: 'acme', order: 'asc', limit: 100, ...(cursor && { cursor }) });
    entries.push(...page);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const seen = entries.slice(0, 4).map(({ action, actor, outcome }) => [action, actor, outcome]);
  assert.deepEqual(seen, [
    ['member.invited', 'ada', 'success'],
    ['auth.unauthorized_access', 'bob', 'denied'],
    ['data.export', 'ada', 'success'],
    ['member.removed', 'ada', 'success'],
  ]);
  const invited = new Set(entries.map(({ resourceName }) => resourceName));
  assert.ok(answered.length >= WARM);
  assert.deepEqual(
    answered.filter((email) => !invited.has(email)),
    [],
  );
  const own = await audit.list({ tenantId: 'system', limit: 100 });
  assert.ok(own.some(({ action }) => action === 'ledger.stopped'));
  for (const tenantId of ['acme', 'system'])
    assert.equal((await audit.verify({ tenantId })).verdict, 'intact');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
