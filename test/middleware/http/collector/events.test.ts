import { gzipSync } from 'node:zlib';
import { auditCollector } from '../../../../collector';
import { createAudit } from '../../../support/create-audit';
import { connect } from '../../../support/connection';
import { type Collecting, collecting, sendTo } from '../../../support/collecting';
import { serve } from '../../../support/served';

const event = { action: 'org.member.invite', actor: 'ada', metadata: { role: 'admin' } };
const many = (count: number, more: object = {}) => ({
  events: Array.from({ length: count }, (_, i) => ({ ...event, id: `e${i}`, ...more })),
});

describe('POST /events on a database', () => {
  it('answers with the receipt of an entry that is durable, and says by which key it came', async () => {
    const served = await collecting({ where: await connect() });
    const key = await served.newKey();
    const { status, body } = await served.post(key, event);
    const [entry] = await served.chain('acme');
    expect(status).toBe(201);
    expect(body).toEqual({
      id: entry!.id,
      tenantId: 'acme',
      seq: 1,
      hash: entry!.hash,
      recordedAt: entry!.recordedAt,
    });
    expect(entry).toMatchObject({ actor: 'ada', via: key.split('_')[1] });
    expect(await served.audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact' });
  });

  it('records a thousand in their order, and answers with a receipt for each', async () => {
    const served = await collecting({ where: await connect() });
    const { status, body } = await served.post(await served.newKey(), many(1000));
    const entries = await served.chain('acme');
    expect(status).toBe(200);
    expect(body.results!.map(({ receipt }) => receipt!.id)).toEqual(entries.map(({ id }) => id));
    expect(entries.map(({ id }) => id)).toEqual(many(1000).events.map(({ id }) => id));
    await served.audit.close();
  });
});

it('answers 422 for an event that the database does not take, and says so of one of several', async () => {
  const connection = await connect();
  const validator = { 'metadata.forbidden': { $exists: false } };
  await connection.db!.createCollection('audit_entries', { validator });
  const audit = createAudit({ connection });
  const { url } = await serve(auditCollector({ audit }));
  const { key } = await audit.keys.create({ name: 'test', scopes: ['write'], tenants: ['acme'] });
  const post = (body: object) => sendTo(`${url}/events`, { key, method: 'POST', body });
  const refused = { ...event, metadata: { forbidden: 'x' } };
  const problem = {
    ...{ type: 'about:blank', title: 'Unprocessable Content', status: 422, code: 'EVENT_REFUSED' },
    detail: 'The database does not take this event.',
  };
  expect(await post(refused)).toMatchObject({ status: 422, body: problem });
  const { status, body } = await post({ events: [event, refused] });
  expect(status).toBe(200);
  expect(body.results).toEqual([
    { receipt: expect.anything() as unknown },
    { error: { status: 422, code: 'EVENT_REFUSED', detail: problem.detail } },
  ]);
  await audit.close();
});

describe('POST /events', () => {
  let served: Collecting;
  let key: string;
  beforeEach(async () => {
    served = await collecting();
    key = await served.newKey();
  });

  it('answers 200 with the same receipt where the event is there already, and 409 for another with its id', async () => {
    const first = await served.post(key, { ...event, id: 'x' });
    const again = await served.post(key, { ...event, id: 'x' });
    const other = await served.post(key, { ...event, id: 'x', action: 'other' });
    expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
    expect(again.body).toEqual(first.body);
    expect(other.body.code).toBe('ID_CONFLICT');
    expect((await served.chain('acme')).map(({ action }) => action)).toEqual([
      'org.member.invite',
      'ledger.id_conflict',
    ]);
  });

  it('takes an event for the same through whichever key it comes: a retry may follow a change of keys', async () => {
    await served.post(key, { ...event, id: 'x' });
    const again = await served.post(await served.newKey(), { ...event, id: 'x' });
    expect(again.status).toBe(200);
  });

  it('takes Idempotency-Key for the id of a single event that has none', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const first = await served.post(key, event, headers);
    const again = await served.post(key, event, headers);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(first.body.id).toBe('once');
    expect((await served.post(key, { ...event, id: 'other' }, headers)).status).toBe(400);
    expect((await served.post(key, many(1), headers)).status).toBe(400);
  });

  it('records none of several when one is wrong, and says of each what is', async () => {
    const { events } = many(3);
    const { status, body } = await served.post(key, { events: [events[0], { action: '' }, 7, events[2]] });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'INVALID_EVENT' });
    expect(body.errors).toEqual([
      { index: 1, code: 'INVALID_EVENT', detail: expect.stringContaining('`action`') },
      { index: 2, code: 'INVALID_EVENT', detail: expect.stringContaining('must be an object') },
    ]);
    expect(await served.chain('acme')).toEqual([]);
  });

  it('answers for each of several once they are valid', async () => {
    await served.post(key, { ...event, id: 'e1', action: 'other' });
    const { status, body } = await served.post(key, many(3));
    expect(status).toBe(200);
    expect(body.results!.map((result) => Object.keys(result)[0])).toEqual(['receipt', 'error', 'receipt']);
    expect(body.results![1]!.error).toMatchObject({ status: 409, code: 'ID_CONFLICT' });
  });

  it('refuses what a caller says of the key, and takes nothing of its own request for context', async () => {
    expect((await served.post(key, { ...event, via: 'me' })).status).toBe(400);
    await served.post(key, event, {
      'User-Agent': 'sdk',
      'X-Request-Id': 'r',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    await served.post(key, { ...event, context: { ipAddress: '203.0.113.9' } });
    const [bare, told] = await served.chain('acme');
    expect(bare).not.toHaveProperty('context');
    expect(told!.context).toEqual({ ipAddress: '203.0.113.9' });
  });

  it('takes gzip', async () => {
    const { status } = await served.post(key, gzipSync(JSON.stringify(event)), {
      'Content-Encoding': 'gzip',
    });
    expect(status).toBe(201);
  });

  it.each([
    ['a form', 'action=a', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['another compression', '{}', { 'Content-Encoding': 'br' }, 415],
    ['two compressions', gzipSync(gzipSync('{}')), { 'Content-Encoding': 'gzip, gzip' }, 415],
    ['another charset', '{}', { 'Content-Type': 'application/json; charset=utf-16' }, 415],
    ['no JSON', '{', {}, 400],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400],
    ['no gzip', 'abc', { 'Content-Encoding': 'gzip' }, 400],
    ['half of gzip', gzipSync('{"action":"a"}').subarray(0, 20), { 'Content-Encoding': 'gzip' }, 400],
    ['nothing', '', {}, 400],
    ['a text', '"alk"', {}, 400],
    ['no events', { events: [] }, {}, 400],
    ['more beside the events', { ...many(1), tenantId: 'acme' }, {}, 400],
  ])('refuses %s', async (_, body, headers, status) => {
    const answer = await served.post(key, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await served.chain('acme')).toEqual([]);
  });

  it('names its limits where it is sent too much', async () => {
    const large = await served.post(key, { ...event, metadata: { text: 'x'.repeat(1024 * 1024) } });
    const numerous = await served.post(key, { events: Array(1001).fill({ action: 'a' }) });
    expect([large.status, large.body.limit]).toEqual([413, { bytes: 1_048_576 }]);
    expect([numerous.status, numerous.body.limit]).toEqual([413, { bytes: 1_048_576, events: 1000 }]);
  });

  it('notes in its own chain that the clock of a caller is ahead, and takes the event as it is', async () => {
    const occurredAt = new Date(Date.now() + 3_600_000).toISOString();
    expect((await served.post(key, { ...event, occurredAt })).status).toBe(201);
    await served.post(key, { ...event, occurredAt: new Date(Date.now() + 60_000).toISOString() });
    expect((await served.chain('acme'))[0]).toMatchObject({ occurredAt });
    const noted = (await served.chain('system')).filter(({ action }) => action === 'ledger.key.clock_ahead');
    expect(noted).toMatchObject([
      { actor: key.split('_')[1], metadata: { aheadSeconds: expect.any(Number) } },
    ]);
  });

  it('answers 429 with Retry-After to a key that sends too much, and to no other', async () => {
    const limited = await collecting({ limits: { eventsPerSecond: 5 } });
    const [one, other] = [await limited.newKey(), await limited.newKey()];
    expect((await limited.post(one, many(50))).status).toBe(200);
    const refused = await limited.post(one, event);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect((await limited.post(other, event)).status).toBe(201);
  });

  it('answers 429 where the queue is full, refuses what comes behind, and keeps the order', async () => {
    const small = await collecting({ ledger: { limits: { queueEvents: 20 } } });
    const sender = await small.newKey();
    const { status, body } = await small.post(sender, many(100));
    const kinds = body.results!.map((result) => Object.keys(result)[0]);
    const taken = kinds.lastIndexOf('receipt') + 1;
    expect(status).toBe(200);
    expect(kinds).toEqual([...Array(taken).fill('receipt'), ...Array(100 - taken).fill('error')]);
    expect(body.results![taken]!.error).toMatchObject({ status: 429, code: 'QUEUE_FULL' });
    expect((await small.chain('acme')).map(({ id }) => id)).toEqual(many(taken).events.map(({ id }) => id));
  });
});
