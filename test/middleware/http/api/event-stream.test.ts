import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect as openSocket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import compression from 'compression';
import type { Express, RequestHandler, Response } from 'express';
import { type Connection, createConnection } from 'mongoose';
import supertest from 'supertest';
import { type Audit, auditRouter, type AuditRouterOptions } from '../../../../index';
import { formatCursor } from '../../../../lib/read/cursor';
import type { Asked } from '../../../../middleware/http/api/asked';
import { followEntries } from '../../../../middleware/http/api/event-stream';
import { clientOf, sendAnswer } from '../../../../middleware/node/send-answer';
import { connect } from '../../../support/connection';
import { sharedDatabaseUri } from '../../../support/database';
import { until } from '../../../support/deadline';
import { EventReader } from '../../../support/event-reader';
import { EXPRESSES, serve } from '../../../support/served';
import { sized } from '../../../support/sized';
import { testLedger, type TestLedger } from '../../../support/served-ledger';
import { ledgerOf } from '../../../../lib/audit';

const signIn: RequestHandler = (req, _res, next) => {
  const [id, tenantId] = [req.get('x-user'), req.get('x-tenant')];
  if (id) Object.assign(req, { user: { id, tenantId } });
  next();
};

const PACE = { heartbeat: 60_000, life: 60_000, patience: 60_000, retry: 1, listening: 60_000 };

let tenants = 0;

describe.each(EXPRESSES)('GET /stream in %s', (_name, express) => {
  let connection: Connection;
  let ledger: TestLedger;
  let audit: Audit;
  let tenantId: string;
  const readers: EventReader[] = [];
  beforeAll(async () => {
    connection = await connect();
  });
  beforeEach(() => {
    ledger = testLedger(connection);
    audit = ledger.audit;
    tenantId = `t${tenants++}`;
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await audit.close();
    expect(ledger.errors).toEqual([]);
  });

  const record = async (count: number, event: object = {}, on = audit) => {
    const batch = on.batch();
    for (let n = 0; n < count; n++) batch.event({ tenantId, action: 'a', metadata: { n }, ...event });
    await batch.commit();
  };

  async function served(options: AuditRouterOptions = {}, mount: (app: Express) => void = () => undefined) {
    const app = express();
    app.set('env', 'test');
    mount(app);
    app.use('/audit', signIn, auditRouter({ audit, ...options }));
    return serve(app);
  }

  const member = (tenant = tenantId) => ({ 'X-User': 'ada', 'X-Tenant': tenant });

  /** A reader that follows, and is closed with the test. */
  function follow(url: string, query = '', headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = new EventReader(`${url}/audit/stream${query}`, { ...member(), ...headers });
    readers.push(reader);
    return reader.open();
  }

  const seqsOf = (entries: { seq: number }[]) => entries.map(({ seq }) => seq);

  it('sends entries from now on, as the trail has them', async () => {
    await record(3);
    const { url } = await served();
    const reader = await follow(url);
    await record(2);
    const entries = await reader.entries(2);
    const page = await audit.list({ tenantId, order: 'asc', cursor: formatCursor(3, 'asc') });
    expect(entries).toEqual([...page]);
  });

  it('sends those of other processes, too', async () => {
    const elsewhere = await createConnection(sharedDatabaseUri(), { dbName: connection.name }).asPromise();
    const other = testLedger(elsewhere).audit;
    const { url } = await served();
    const readers = await Promise.all([follow(url), follow(url)]);
    await record(150, {}, other);
    for (const reader of readers)
      expect(seqsOf(await reader.entries(150))).toEqual(Array.from({ length: 150 }, (_, n) => n + 1));
    await other.close();
    await elsewhere.close();
  });

  it('goes on behind Last-Event-ID: none twice, none left out', async () => {
    const { url } = await served();
    await record(250);
    let id = formatCursor(0, 'asc');
    const seen: number[] = [];
    for (const count of [1, 120, 1, 130]) {
      const reader = await follow(url, '', { 'Last-Event-ID': id });
      if (seen.length > 100) await record(1);
      seen.push(...seqsOf(await reader.entries(count)));
      id = reader.lastEventId;
      reader.close();
    }
    expect(seen).toEqual(Array.from({ length: 252 }, (_, n) => n + 1));
  });

  it('says where to go on before there is any entry', async () => {
    const { url } = await served();
    const first = await follow(url);
    first.close();
    await record(1);
    const second = await follow(url, '', { 'Last-Event-ID': first.lastEventId });
    expect(seqsOf(await second.entries(1))).toEqual([1]);
  });

  it('sends what a filter lets through', async () => {
    const { url } = await served();
    const reader = await follow(url, '?action=org.*&outcome=denied&actor=bob&resource=r');
    const wanted = { action: 'org.read', outcome: 'denied', actor: 'bob', resource: 'r' };
    for (const other of [{ action: 'x' }, { outcome: 'success' }, { actor: 'ada' }, { resource: 's' }])
      await record(1, { ...wanted, ...other });
    await record(1, wanted);
    expect(seqsOf(await reader.entries(1))).toEqual([5]);
  });

  it('is nobody else’s, also by the ids of another tenant', async () => {
    const { url } = await served();
    await record(5);
    const id = formatCursor(4, 'asc');
    const headers = { ...member(`${tenantId}-other`), 'Last-Event-ID': id };
    const reader = await follow(url, '', headers);
    await record(1);
    await audit.event({ tenantId: `${tenantId}-other`, action: 'mine' });
    expect(await reader.entries(1)).toMatchObject([{ tenantId: `${tenantId}-other`, seq: 1 }]);
  });

  it.each(['x', formatCursor(1, 'desc'), '1', '../..'])('refuses Last-Event-ID %s', async (id) => {
    const { url } = await served();
    const headers = { ...member(), 'Last-Event-ID': id };
    await supertest(url).get('/audit/stream').set(headers).expect(400);
  });

  it('lets in who may read', async () => {
    const { url } = await served({ authorize: (_req, permission) => permission !== 'read' });
    await supertest(url).get('/audit/stream').expect(401);
    await supertest(url).get('/audit/stream').set(member()).expect(403);
    await supertest(url).get('/audit/stream?limit=3').set(member()).expect(403);
  });

  it('answers HEAD, and refuses what it does not know', async () => {
    const { url } = await served();
    const { headers } = await supertest(url).head('/audit/stream').set(member()).expect(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await supertest(url).get('/audit/stream?from=2026-01-01').set(member()).expect(400);
  });

  it('is not held back by compression', async () => {
    const { url } = await served({}, (app) => app.use(compression({ threshold: 0 })));
    const reader = await follow(url, '', { 'Accept-Encoding': 'gzip' });
    await record(1);
    expect(await reader.entries(1)).toHaveLength(1);
  });

  it('shows what was altered so that it is no entry, and goes on', async () => {
    const { url } = await served();
    await record(3);
    const entries = connection.db!.collection('audit_entries');
    await entries.updateOne({ tenantId, seq: 2 }, { $set: { actor: 5 } });
    const reader = await follow(url, '', { 'Last-Event-ID': formatCursor(0, 'asc') });
    expect(seqsOf(await reader.entries(1))).toEqual([1]);
    const fault = await reader.next();
    expect(fault).toMatchObject({ name: 'fault', id: formatCursor(2, 'asc') });
    expect(JSON.parse(fault!.data)).toMatchObject({ seq: 2, message: expect.stringContaining('actor') });
    expect(seqsOf(await reader.entries(1))).toEqual([3]);
  });

  function unexpected(error: unknown): never {
    throw error;
  }

  /** A server of nothing but a stream. */
  async function streaming(pace: Partial<typeof PACE>) {
    const closed: Promise<unknown>[] = [];
    const app = express();
    app.get('/audit/stream', (req, res) => {
      closed.push(once(res, 'close'));
      const { listening, ...own } = { ...PACE, ...pace };
      const header = (name: string) => req.get(name);
      const asked = { method: 'GET', header, client: clientOf(req, res, listening) } as Asked;
      const following = { ledger: ledgerOf(audit), tenantId, query: {}, asked };
      void followEntries(following, own).then((answer) => sendAnswer(res, answer, unexpected));
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { server, port, url: `http://127.0.0.1:${port}`, closed };
  }

  it('shows that it is there while nothing happens', async () => {
    const { server, url } = await streaming({ heartbeat: 10 });
    const reader = await follow(url);
    const event = reader.next();
    await until(() => reader.comments > 2, 'heartbeats');
    await record(1);
    expect(await event).toMatchObject({ name: 'entry' });
    server.close();
  });

  it('ends after a time, so that it is asked anew whether it may be read', async () => {
    const { server, url } = await streaming({ life: 50 });
    const reader = await follow(url);
    expect(await reader.next()).toBeNull();
    server.close();
  });

  it('ends with its ledger', async () => {
    const { server, url } = await streaming({});
    const readers = await Promise.all([follow(url), follow(url)]);
    await audit.close();
    for (const reader of readers) expect(await reader.next()).toBeNull();
    server.close();
  });

  it('ends with its server', async () => {
    const { server, url } = await streaming({ listening: 10 });
    // else the client keeps its connection for seconds, and the server waits for that
    const reader = await follow(url, '', { Connection: 'close' });
    const closed = once(server, 'close');
    server.close();
    expect(await reader.next()).toBeNull();
    await closed;
  });

  it('is not begun for who leaves while they are let in', async () => {
    const gone: Promise<unknown>[] = [];
    const { port } = await served({
      authorize: async (req) => {
        gone.push(once(req.res!, 'close'));
        await gone[0];
        return true;
      },
    });
    const size = jest.spyOn(ledgerOf(audit).trail, 'size');
    const follow = jest.spyOn(ledgerOf(audit).trail, 'follow');
    const socket = openSocket(port, '127.0.0.1');
    socket.write(`GET /audit/stream HTTP/1.1\r\nHost: x\r\nX-User: ada\r\nX-Tenant: ${tenantId}\r\n\r\n`);
    await until(() => gone.length > 0, 'the stream was asked for');
    socket.destroy();
    await until(() => size.mock.results.length > 0, 'they were let in');
    await size.mock.results[0]!.value;
    await turn();
    expect(follow).not.toHaveBeenCalled();
  });

  it('says how far it has looked, also where a filter lets nothing through', async () => {
    const { url } = await served();
    await record(150);
    const reader = await follow(url, '?action=none', { 'Last-Event-ID': formatCursor(0, 'asc') });
    expect(reader.lastEventId).toBe(formatCursor(0, 'asc'));
    expect(await reader.next()).toMatchObject({ id: formatCursor(100, 'asc'), data: '' });
    expect(await reader.next()).toMatchObject({ id: formatCursor(150, 'asc'), data: '' });
  });

  it('is none of a chain whose end has no place in it', async () => {
    const { url } = await served();
    await record(3);
    const entries = connection.db!.collection('audit_entries');
    await entries.updateOne({ tenantId, seq: 3 }, { $set: { seq: 'x' } });
    const { body } = await supertest(url).get('/audit/stream').set(member()).expect(500);
    expect(body).toMatchObject({ code: 'ENTRY_ALTERED' });
    expect(ledger.errors.splice(0)).toMatchObject([{ code: 'ENTRY_ALTERED' }]);
  });

  it('ends in time also for a slow reader, which is asked anew', async () => {
    const { server, port, closed } = await streaming({ life: 200 });
    await record(100, { metadata: { text: 'x'.repeat(60_000) } });
    const socket = openSocket(port, '127.0.0.1').pause();
    socket.write(`GET /audit/stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${formatCursor(0, 'asc')}\r\n\r\n`);
    await until(() => closed.length > 0, 'the stream was opened');
    await closed[0];
    socket.destroy();
    server.close();
  });

  it('writes nothing behind an end that the application has set', async () => {
    let response: Response | undefined;
    const errors: unknown[] = [];
    const { url } = await served({}, (app) =>
      app.use((_req, res, next) => {
        response = res.on('error', (error) => errors.push(error));
        next();
      }),
    );
    await follow(url);
    const ended = response!;
    const other = await follow(url);
    jest.spyOn(ended, 'emit').mockImplementation((name, ...args) => {
      if (name === 'error') errors.push(args[0]);
      return true; // such as 'close', which comes late where the reader is slow
    });
    ended.end();
    // who came later has the second entry: the one before was told of the first long ago
    for (let n = 0; n < 2; n++) {
      await record(1);
      await other.entries(1);
    }
    await turn();
    expect(errors).toEqual([]);
    jest.restoreAllMocks();
    ended.emit('close');
  });

  it('drops a reader that does not read, which holds little until then', async () => {
    const { server, port, closed } = await streaming({ patience: 200 });
    const socket = openSocket(port, '127.0.0.1').pause();
    socket.write(`GET /audit/stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${formatCursor(0, 'asc')}\r\n\r\n`);
    await record(sized(150, 300), { metadata: { text: 'x'.repeat(60_000) } });
    await until(() => closed.length > 0, 'the stream was opened');
    await closed[0];
    socket.destroy();
    server.close();
  });
});
