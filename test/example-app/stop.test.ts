import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { DEMO_PASSWORD } from '../../example-app/seed';
import { createAudit } from '../support/create-audit';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { PATIENCE } from '../support/patience';
import { sized } from '../support/sized';

const ROOT = join(__dirname, '..', '..');
const DATABASE = `test_${randomBytes(8).toString('hex')}`;
const REQUESTS = sized(4, 10);
/** A machine that takes long decides nothing. */
const GRACE_MS = String(PATIENCE);

const connection = createConnection(sharedDatabaseUri(), { dbName: DATABASE });

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
});

function start(): ChildProcess {
  const env = { ...process.env, MONGODB_URI: sharedDatabaseUri(), DATABASE, PORT: '0', GRACE_MS };
  return spawn(process.execPath, ['--import', 'tsx', 'example-app/start.ts'], { cwd: ROOT, env });
}

async function portOf(app: ChildProcess): Promise<number> {
  let printed = '';
  for await (const chunk of app.stdout!.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const port = /at http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`The application ended: ${printed}`);
}

const JSON_BODY = { 'content-type': 'application/json' };

async function signIn(port: number): Promise<string> {
  const body = JSON.stringify({ email: 'ada@acme.example', password: DEMO_PASSWORD });
  const answer = await fetch(`http://127.0.0.1:${port}/sign-in`, {
    method: 'POST',
    headers: JSON_BODY,
    body,
  });
  return answer.headers.getSetCookie()[0]!.split(';')[0]!;
}

const body = JSON.stringify({ name: 'Nightly sync' });

/** A request whose head has arrived, and whose body has not been sent. */
async function beginRequest(port: number, cookie: string): Promise<ClientRequest> {
  const headers = {
    ...JSON_BODY,
    cookie,
    'content-length': body.length,
    expect: '100-continue',
  };
  const begun = request({ host: '127.0.0.1', port, path: '/api-keys', method: 'POST', headers });
  begun.flushHeaders();
  await once(begun, 'continue');
  return begun;
}

async function statusOf(begun: ClientRequest): Promise<number | undefined> {
  const answer = once(begun, 'response') as Promise<[IncomingMessage]>;
  begun.end(body);
  const [response] = await answer;
  response.resume();
  return response.statusCode;
}

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume();
      resolve(false);
    });
    probe.once('error', () => resolve(true)).end();
  });
}

describe('when it is told to stop while requests are under way', () => {
  it('answers them, records their events, says last of all that it stops, and exits with 0', async () => {
    const app = start();
    const exit = once(app, 'exit');
    const port = await portOf(app);
    const cookie = await signIn(port);
    const begun = await Promise.all(Array.from({ length: REQUESTS }, () => beginRequest(port, cookie)));
    app.kill('SIGTERM');
    await until(() => refuses(port), 'it listens no more');
    expect(await Promise.all(begun.map(statusOf))).toEqual(begun.map(() => 201));
    expect(await exit).toEqual([0, null]);

    await connection.asPromise();
    const stored = connection.db!.collection('audit_entries').find({ tenantId: 'system' });
    const own = (await stored.sort({ seq: 1 }).toArray()).map(({ action }) => action as string);
    // and, on a machine that takes long, checkpoints in between
    expect([own.at(0), own.at(-1)]).toEqual(['ledger.started', 'ledger.stopped']);
    // Its name: where that took long, the application has signed a checkpoint.
    const audit = createAudit({ connection, ledger: 'audit.shop.example' });
    expect(await audit.list({ tenantId: 'acme', action: 'org.api_key.create' })).toHaveLength(REQUESTS);
    expect(await audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact' });
    await audit.close();
  });
});
