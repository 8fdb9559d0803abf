import type { Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { ledgerOf } from '../../../lib/audit';
import { connect } from '../../support/connection';
import { eventually } from '../../support/eventually';
import { Receiver, upTo } from '../../support/streams/receiver';

let connection: Connection;
beforeAll(async () => (connection = await connect()));

const audits: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.close();
  await connection.db!.collection('audit_streams').deleteMany({});
});

function started(options: Parameters<typeof createAudit>[0] = {}) {
  const audit = createAudit({ connection, ...options });
  ledgerOf(audit).start();
  audits.push(audit);
  return audit;
}

/** What somebody writes who may write to this collection alone. */
const forge = (...documents: object[]) => connection.db!.collection('audit_streams').insertMany(documents);

let tenants = 0;
/** A tenant with some entries. */
async function recorded(audit: ReturnType<typeof started>, count: number, tenantId = `t${++tenants}`) {
  const batch = audit.batch();
  for (let n = 0; n < count; n++) batch.event({ tenantId, action: 'org.a' });
  await batch.commit();
  return tenantId;
}

const cursor = (tenantId: string, change: object) => ({
  _id: `cursor:siem:${tenantId}`,
  tenantId,
  seq: 1,
  ...change,
});

describe('what somebody wrote to the collection of streams', () => {
  it.each<[string, (tenantId: string) => object[]]>([
    ['a cursor far beyond the end', (tenantId) => [cursor(tenantId, { seq: 2 ** 52 })]],
    ['a cursor that is no number', (tenantId) => [cursor(tenantId, { seq: 'x' })]],
    ['a cursor before the first', (tenantId) => [cursor(tenantId, { seq: -5 })]],
    ['a cursor of half an entry', (tenantId) => [cursor(tenantId, { seq: 1.5 })]],
    [
      'a cursor that names another tenant than its id',
      (tenantId) => [{ _id: 'cursor:siem:zzz', tenantId, seq: 2 }],
    ],
    ['a cursor of no tenant', () => [{ _id: 'cursor:siem:%E0%A4%A', seq: 1 }]],
    ['a version that counts nothing', () => [{ _id: 'version', count: 'x', name: { $ne: 1 } }]],
    [
      'rows that are none',
      () => [
        { _id: 'stream:SIEM \u001b[2J', description: 7 },
        { _id: 'stream:other', description: '{"owner":{"$ne":1}}', progress: '[]' },
      ],
    ],
  ])('stops no stream and passes over nothing: %s', async (_what, forged) => {
    const tenantId = `h${++tenants}`;
    await forge(...forged(tenantId));
    const to = new Receiver();
    const audit = started({ streams: [{ name: 'siem', to, tenants: [tenantId] }] });
    await recorded(audit, 3, tenantId);
    await eventually(() => expect(to.seqs(tenantId)).toEqual(upTo(3)));
    await recorded(audit, 2, tenantId);
    await eventually(() => expect(to.seqs(tenantId)).toEqual(upTo(5)));
  });

  it('leads no stream elsewhere, and gives nobody entries of another tenant', async () => {
    const [to, elsewhere] = [new Receiver(), new Receiver()];
    const audit = started({ streams: [{ name: 'siem', to, owner: 'acme' }] });
    await recorded(audit, 2, 'acme');
    await recorded(audit, 2, 'globex');
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(2)));
    const description = { kind: 'webhook', address: 'https://evil.example', tenants: ['acme', 'globex'] };
    await connection
      .db!.collection<{ _id: string }>('audit_streams')
      .updateOne({ _id: 'stream:siem' }, { $set: { description: JSON.stringify(description), replays: 1 } });
    const reason = { id: 'x', reason: 'r', at: 1 };
    await forge(
      { _id: 'aside:siem:globex:0000000000000001', tenantId: 'globex', seq: 1, ...reason },
      { _id: 'aside:siem:acme:0000000000000001', tenantId: 'globex', seq: 2, ...reason },
      { _id: 'aside:siem:acme:0000000000000002', tenantId: 'acme', seq: 1, reason: { toString: 1 }, at: 'x' },
      { _id: 'aside:siem:acme', tenantId: 'acme', seq: 1 },
      { _id: 'aside:siem:acme:1', tenantId: 'acme', seq: 1 },
    );
    expect(await audit.streams.setAside('siem')).toEqual([
      { tenantId: 'acme', seq: 1, id: 'x', reason: 'r', at: '1970-01-01T00:00:00.001Z' },
      { tenantId: 'acme', seq: 2, id: '', reason: '', at: '1970-01-01T00:00:00.000Z' },
      { tenantId: 'globex', seq: 1, id: 'x', reason: 'r', at: '1970-01-01T00:00:00.001Z' },
    ]);
    expect(await audit.streams.redeliver('siem')).toEqual({ taken: 2, refused: 1 });
    await recorded(audit, 1, 'acme');
    await eventually(() => expect(to.seqs('acme')).toContain(3));
    expect([to.seqs('globex'), elsewhere.got]).toEqual([[], []]);
  });

  it('is shown as what it is, and is in the way of no other status', async () => {
    const far = 1e300;
    const progress = {
      delivered: 'x',
      lag: { entries: -1, seconds: 'x' },
      lastSuccess: far,
      lastError: { reason: 'a\u001b[2J\nb', at: far },
      failingSince: -far,
    };
    await forge(
      {
        _id: 'stream:forged',
        isPaused: 'yes',
        description: JSON.stringify({ kind: {}, address: 'a\nb', owner: ['x'], tenants: 'all', secret: 1 }),
        progress: JSON.stringify(progress),
        since: 'x',
        replays: Infinity,
      },
      { _id: 'stream:empty' },
    );
    const audit = started();
    const nothing = {
      state: 'delivering',
      isHere: false,
      lag: { entries: 0, seconds: 0 },
      delivered: 0,
      lastSuccess: null,
      lastError: null,
      setAside: 0,
    };
    expect(await audit.streams.status()).toEqual([
      { name: 'empty', kind: '', address: '', format: '', ...nothing },
      { name: 'forged', kind: '', address: 'a b', format: '', ...nothing },
    ]);
    expect(await audit.streams.status({ owner: 'x' })).toEqual([]);
    await audit.streams.replay('forged', { from: 1, tenantId: 'acme' });
  });
});

describe('a tenant whose name sorts behind all letters', () => {
  it('has cursors as others have', async () => {
    const to = new Receiver();
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['~~'] }] });
    await recorded(audit, 2, '~~');
    await eventually(() => expect(to.seqs('~~')).toEqual(upTo(2)));
    await audit.close();
    const again = started({ streams: [{ name: 'siem', to, tenants: ['~~'] }] });
    await recorded(again, 2, '~~');
    await eventually(() => expect(to.seqs('~~')).toEqual(upTo(4)));
    await again.streams.remove('siem');
    expect(await connection.db!.collection('audit_streams').countDocuments({ seq: 4 })).toBe(0);
  });
});
