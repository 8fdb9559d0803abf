import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createAudit } from '../support/create-audit';
import { connect } from '../support/connection';
import { network } from '../support/cut-network';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { sendTo } from '../support/collecting';
import { runHere, startProgram } from './program';

const programs: ChildProcess[] = [];
afterEach(() => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
});

async function serving(args: string[]): Promise<{ program: ChildProcess; url: string }> {
  const program = startProgram(['serve', '--port', '0', ...args]);
  programs.push(program);
  const [line] = (await once(createInterface(program.stdout!), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return { program, url: `http://127.0.0.1:${port}` };
}

describe('audit-ledger serve', () => {
  it('takes events, tells of itself, and ends in order', async () => {
    const connection = await connect();
    const { program, url } = await serving(['--uri', sharedDatabaseUri(), '--db', connection.name]);
    const audit = createAudit({ connection });
    const { key } = await audit.keys.create({ name: 'a', scopes: ['write'], tenants: ['acme'] });

    await until(async () => (await sendTo(`${url}/readyz`)).status === 200);
    expect((await sendTo(`${url}/healthz`)).text).toBe('ok\n');
    const post = () => sendTo(`${url}/events`, { key, method: 'POST', body: { action: 'a' } });
    expect((await post()).status).toBe(201);
    expect((await sendTo(`${url}/events`, { method: 'POST', body: { action: 'a' } })).status).toBe(401);
    const { text: metrics } = await sendTo(`${url}/metrics`);
    expect(metrics).toContain('\naudit_ledger_events_collected_total 1\n');
    expect(metrics).toContain('\naudit_ledger_requests_total{route="/events",status="201"} 1\n');
    expect(metrics).toContain('\naudit_ledger_requests_total{route="/events",status="401"} 1\n');
    expect(metrics).toMatch(/^audit_ledger_oldest_waiting_seconds \d/m);
    expect(metrics).toMatch(/^audit_ledger_outbox_lag_seconds \d/m);
    for (const line of metrics.trim().split('\n'))
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{route="[^"]+",status="\d{3}"\})? \d+(\.\d+)?)$/,
      );

    const running = Array.from({ length: 20 }, () => post().catch(() => null));
    program.kill('SIGTERM');
    const [code] = (await once(program, 'exit')) as [number];
    expect(code).toBe(0);
    const answered = (await Promise.all(running)).filter((answer) => answer?.status === 201);
    const ids = new Set((await audit.list({ tenantId: 'acme', limit: 100 })).map(({ id }) => id));
    expect(answered.every((answer) => ids.has(answer!.body.id!))).toBe(true);
    const actions = (await audit.list({ tenantId: 'system', limit: 100 })).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['ledger.key.refused', 'ledger.stopped']));
  });

  it('says what its ledger cannot record, and lives on', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    const { key } = await audit.keys.create({ name: 'a', scopes: ['write'], tenants: 'any' });
    await audit.event({ tenantId: 'gamma', action: 'a' });
    const entries = connection.getClient().db(connection.name).collection('audit_entries');
    await entries.updateOne({ tenantId: 'gamma' }, { $set: { actor: 'eve' } });

    const { program, url } = await serving(['--uri', sharedDatabaseUri(), '--db', connection.name]);
    await until(async () => (await sendTo(`${url}/readyz`)).status === 200);
    const lines = createInterface(program.stderr!)[Symbol.asyncIterator]();
    const post = (tenantId: string) =>
      sendTo(`${url}/events`, { key, method: 'POST', body: { tenantId, action: 'a' } });
    const waiting = post('gamma').catch(() => null);
    const said = await lines.next();
    expect(said.value).toMatch(/^audit: The newest entry of the tenant "gamma" was altered: /);
    expect((await post('beta')).status).toBe(201);
    program.kill('SIGKILL');
    expect(await waiting).toBeNull();
  });

  it('finds a database that comes later than it', async () => {
    const connection = await connect();
    const { key } = await createAudit({ connection }).keys.create({
      name: 'a',
      scopes: ['write'],
      tenants: 'any',
    });
    const line = await network(() => connection.port);
    line.cut();
    const uri = `${line.url.replace('http', 'mongodb')}/?directConnection=true&serverSelectionTimeoutMS=500`;
    const { program, url } = await serving(['--uri', uri, '--db', connection.name]);
    const lines = createInterface(program.stderr!)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toMatch(/^audit-ledger serve: The database cannot be reached: /);
    line.mend();
    await until(async () => (await sendTo(`${url}/readyz`)).status === 200);
    const event = { tenantId: 'acme', action: 'a' };
    expect((await sendTo(`${url}/events`, { key, method: 'POST', body: event })).status).toBe(201);
    program.kill('SIGTERM');
    expect(await once(program, 'exit')).toEqual([0, null]);
  });

  it('is there, but not ready, without its database: 503 with Retry-After', async () => {
    const { program, url } = await serving(['--uri', 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500']);
    expect((await sendTo(`${url}/healthz`)).status).toBe(200);
    expect((await sendTo(`${url}/readyz`)).status).toBe(503);
    const key = `alk_${'a'.repeat(12)}_${'0'.repeat(49)}`;
    const answer = await sendTo(`${url}/events`, { key, method: 'POST', body: { action: 'a' } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    program.kill('SIGTERM');
    await once(program, 'exit');
  });

  it.each([
    [['--port', 'x'], '--port must be a whole number'],
    [['--port', '70000'], '--port must be a whole number'],
    [['--grace', '-1'], 'grace'],
    [['here'], 'is not expected here'],
  ])('refuses %j', async (args, why) => {
    const { code, err } = await runHere(['serve', '--uri', sharedDatabaseUri(), ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(why) });
  });
});
