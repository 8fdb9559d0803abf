import type { Audit } from '../../../lib/audit';
import type { Entry } from '../../../lib/chain/entry';
import type { FormattedEntry } from '../../../lib/streams/destination';
import { webhook } from '../../../streams';
import { createTestAudit } from '../../../testing';
import { ledgerOf } from '../../../lib/audit';
import { memoryLedger } from '../../support/memory-ledger';
import { eventually } from '../../support/eventually';
import { Receiver, upTo } from '../../support/streams/receiver';

const audits: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.close();
});

/** A ledger that delivers, as `createAudit` makes one. */
function started(options: Parameters<typeof createTestAudit>[0]) {
  const audit = createTestAudit(options);
  ledgerOf(audit).start();
  audits.push(audit);
  return audit;
}

async function record(
  audit: Audit | ReturnType<typeof started>,
  tenantId: string,
  count: number,
): Promise<void> {
  const batch = audit.batch();
  for (let n = 0; n < count; n++) batch.event({ tenantId, action: 'org.a', metadata: { n } });
  await batch.commit();
}

describe('a stream', () => {
  it('delivers all that was there, and what comes, each tenant in the order of its numbers', async () => {
    const to = new Receiver();
    const audit = createTestAudit({ streams: [{ name: 'siem', to }] });
    audits.push(audit);
    await record(audit, 'acme', 25);
    await record(audit, 'globex', 5);
    ledgerOf(audit).start();
    await eventually(() => expect([to.seqs('acme'), to.seqs('globex')]).toEqual([upTo(25), upTo(5)]));
    await record(audit, 'acme', 5);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(30)));
    expect(to.seqs('globex')).toEqual(upTo(5));
  });

  it('tells of its start in the chain of the ledger, and delivers that', async () => {
    const to = new Receiver();
    const audit = started({ streams: [{ name: 'siem', to }] });
    await eventually(() =>
      expect(to.got).toContainEqual(
        expect.objectContaining({ tenantId: 'system', action: 'ledger.stream_started' }),
      ),
    );
    const [entry] = await audit.list({ tenantId: 'system', action: 'ledger.stream_started' });
    expect(entry).toMatchObject({
      metadata: { stream: 'siem', kind: 'receiver', address: 'memory', format: 'native' },
    });
  });

  it('tries again until it is taken, tells of the failure once, and of its end', async () => {
    const to = new Receiver();
    let left = 3;
    to.answer = () => (left-- > 0 ? { result: 'retry', reason: 'busy' } : { result: 'taken' });
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    await record(audit, 'acme', 12);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(12)));
    await eventually(async () => {
      const list = await audit.list({ tenantId: 'system', order: 'asc' });
      expect(list.map(({ action }) => action)).toEqual([
        'ledger.started',
        'ledger.stream_started',
        'ledger.stream_failure',
        'ledger.stream_resumed',
      ]);
    });
    expect(errors).toEqual([expect.objectContaining({ code: 'STREAM_FAILED' })]);
    expect(errors[0]!.message).toContain('"siem" is not delivered: busy');
  });

  it('that fails tells how many entries wait, those that were given to the destination, too', async () => {
    const to = new Receiver();
    to.answer = () => ({ result: 'stop', reason: 'closed' });
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    audit.on('error', () => undefined);
    await record(audit, 'acme', 12);
    await eventually(async () =>
      expect(await audit.streams.status()).toMatchObject([{ state: 'failing', lag: { entries: 12 } }]),
    );
  });

  it('sets aside what is refused, by name, and delivers it again when it is told to', async () => {
    const to = new Receiver();
    const isBad = (n: unknown) => n === 3 || n === 7;
    to.answer = (pieces) =>
      pieces.some(({ entry }) => isBad(entry.seq)) ? { result: 'split', reason: 'bad' } : { result: 'taken' };
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    await record(audit, 'acme', 12);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(12).filter((n) => !isBad(n))));
    await eventually(async () =>
      expect(await audit.streams.status()).toMatchObject([{ name: 'siem', setAside: 2 }]),
    );
    expect(await audit.streams.setAside('siem')).toMatchObject([
      { tenantId: 'acme', seq: 3, reason: 'bad' },
      { tenantId: 'acme', seq: 7, reason: 'bad' },
    ]);
    expect(await audit.streams.redeliver('siem')).toEqual({ taken: 0, refused: 2 });
    const { tries } = to;
    to.answer = () => ({ result: 'retry', reason: 'away' });
    expect(await audit.streams.redeliver('siem')).toEqual({ taken: 0, refused: 0, reason: 'away' });
    expect(to.tries).toBe(tries + 1); // one that hangs is not waited for once for each entry
    to.answer = () => ({ result: 'taken' });
    expect(await audit.streams.redeliver('siem')).toEqual({ taken: 2, refused: 0 });
    expect(to.seqs('acme').slice(-2)).toEqual([3, 7]);
    expect(await audit.streams.setAside('siem')).toEqual([]);
  });

  it('stops when it is paused, goes on where it was, and is replayed from a number', async () => {
    const to = new Receiver();
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    await record(audit, 'acme', 3);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(3)));
    await audit.streams.pause('siem');
    await eventually(async () =>
      expect(await audit.streams.status()).toMatchObject([{ state: 'paused', isHere: false }]),
    );
    await record(audit, 'acme', 3);
    await audit.streams.resume('siem');
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(6)));
    await audit.runAs({ actor: 'ann' }, () => audit.streams.replay('siem', { from: 5 }));
    await eventually(() => expect(to.seqs('acme')).toEqual([...upTo(6), 5, 6]));
    const list = await audit.list({ tenantId: 'system', order: 'asc' });
    expect(list.map(({ action, actor }) => [action, actor])).toEqual([
      ['ledger.started', 'express-audit-ledger'],
      ['ledger.stream_started', 'express-audit-ledger'],
      ['ledger.stream_paused', 'express-audit-ledger'],
      ['ledger.stream_resumed', 'express-audit-ledger'],
      ['ledger.stream_replayed', 'ann'],
    ]);
  });

  it('is added, tested and removed while the process runs', async () => {
    const to = new Receiver();
    const audit = started({});
    await record(audit, 'acme', 3);
    await audit.streams.add({ name: 'late', to, tenants: ['acme'] });
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(3)));
    expect(await audit.streams.test('late')).toEqual({ ok: true, reason: null });
    expect(to.got.at(-1)).toMatchObject({ seq: 0, action: 'ledger.stream_test', tenantId: 'acme' });
    await audit.streams.remove('late');
    expect(await audit.streams.status()).toEqual([]);
    await expect(audit.streams.pause('late')).rejects.toMatchObject({ code: 'UNKNOWN_STREAM' });
    await record(audit, 'acme', 3);
    await audit.streams.add({ name: 'late', to, tenants: ['acme'], from: 'now' });
    await record(audit, 'acme', 1);
    await eventually(() => expect(to.seqs('acme').at(-1)).toBe(7));
  });

  it('of a tenant has that tenant alone, and comes and goes with the list of the application', async () => {
    const [acme, globex] = [new Receiver(), new Receiver()];
    let list = [{ name: 'acme-siem', to: acme, owner: 'acme' }];
    const audit = started({ streams: () => list });
    await record(audit, 'acme', 3);
    await record(audit, 'globex', 3);
    await eventually(() => expect(acme.seqs('acme')).toEqual(upTo(3)));
    expect(new Set(acme.got.map(({ tenantId }) => tenantId))).toEqual(new Set(['acme']));
    list = [{ name: 'globex-siem', to: globex, owner: 'globex' }];
    expect(globex.got).toEqual([]);
  });

  it('of a tenant is stopped by no other, whatever others have given for theirs', async () => {
    const [acme, own] = [new Receiver(), new Receiver()];
    const [mine, theirs] = [
      { name: 'mine', to: own, tenants: ['acme'] },
      { name: 'acme-siem', owner: 'globex' },
    ];
    const list = [
      { name: 'bad', owner: 'globex', to: () => webhook({ url: 'ftp://hunter2', secret: 'hunter2' }) },
      {
        name: 'worse',
        owner: 'globex',
        to: () => Promise.reject(new Error('hunter2')).catch(() => 1) as never,
      },
      { name: 'acme-siem', to: () => acme, owner: 'acme' },
      { ...theirs, to: new Receiver() },
      { name: 'mine', owner: 'globex', to: new Receiver() },
    ];
    const audit = started({ streams: () => list });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    await audit.streams.add(mine);
    await record(audit, 'acme', 3);
    await eventually(() => expect([acme.seqs('acme'), own.seqs('acme')]).toEqual([upTo(3), upTo(3)]));
    const told = errors.map(({ message }) => message).join('\n');
    expect(told).toMatch(/`stream\.to` gives no destination: webhook\(\) cannot use its options/);
    expect(told).toMatch(/`stream\.to` must be a destination/);
    expect(told).toMatch(/a second stream of the name "acme-siem"/);
    expect(told).toMatch(/a second stream of the name "mine"/);
    expect(told).not.toMatch(/hunter2/);
  });

  it('goes on while the list of the application is none, which is told once', async () => {
    const to = new Receiver();
    let asked = 0;
    const given = [
      () => 7,
      () => Promise.reject(new Error('away')),
      () => [{ name: 'siem', owner: 'acme', to }],
    ];
    const ledger = memoryLedger({
      streams: (() => given[Math.min(2, Math.floor(asked++ / 2))]!()) as never,
    });
    audits.push(ledger.audit);
    ledgerOf(ledger.audit).start();
    await record(ledger.audit, 'acme', 3);
    await eventually(() => {
      ledger.advance(60_000);
      expect(to.seqs('acme')).toEqual(upTo(3));
    });
    expect(ledger.errors.map(({ message }) => message)).toEqual([
      'The function that gives streams: it gave no array.',
      'The function that gives streams: it threw.',
    ]);
  });

  it('goes on while the application does not answer which streams there are', async () => {
    const to = new Receiver();
    const audit = started({ streams: () => new Promise<never>(() => undefined) });
    await audit.streams.add({ name: 'siem', to, tenants: ['acme'] });
    await record(audit, 'acme', 3);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(3)));
  });

  it.each<[string, (entry: Entry) => unknown]>([
    ['throws', () => { throw Object.create(null) as Error; }], // prettier-ignore
    ['gives nothing', () => undefined],
    ['gives a promise', (entry) => Promise.resolve(entry)],
    ['gives what is no JSON', () => ({ n: 1n })],
    ['gives more than there is room for', () => ({ text: 'x'.repeat(200_000) })],
  ])('whose format %s sets aside what it cannot write, and goes on', async (_what, format) => {
    const to = new Receiver();
    to.encode = (formatted) => JSON.stringify((formatted as FormattedEntry).body);
    const isBad = ({ seq }: Entry) => seq === 2;
    const given = (entry: Entry) => (isBad(entry) ? format(entry) : entry) as never;
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'], format: given }] });
    await record(audit, 'acme', 4);
    await eventually(() => expect(to.seqs('acme')).toEqual([1, 3, 4]));
    const [aside] = await audit.streams.setAside('siem');
    expect(aside).toMatchObject({
      seq: 2,
      reason: expect.stringMatching(/^it (could not be written|takes more)/),
    });
    expect(aside!.reason.length).toBeLessThanOrEqual(300);
  });

  it('whose format changes what it is given delivers that, and keeps its place', async () => {
    const to = new Receiver();
    const format = (entry: Entry) => Object.assign(entry, { seq: 9, tenantId: 'globex', metadata: {} });
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'], format: format as never }] });
    await record(audit, 'acme', 3);
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(3)));
    expect(to.got[0]!.metadata).toEqual({ n: 0 });
  });

  it('of single messages is delivered as such, in batches of them', async () => {
    const to = new Receiver();
    Object.assign(to.limits, { entries: 1 });
    const audit = createTestAudit({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    audits.push(audit);
    await record(audit, 'acme', 45);
    ledgerOf(audit).start();
    await eventually(() => expect(to.seqs('acme')).toEqual(upTo(45)));
    expect(to.tries).toBe(45);
  });

  it('leaves out what its filter does not let through, and moves on', async () => {
    const to = new Receiver();
    const audit = started({
      streams: [{ name: 'siem', to, tenants: ['acme'], filter: { action: 'auth.*' } }],
    });
    await record(audit, 'acme', 50);
    await audit.event({ tenantId: 'acme', action: 'auth.login' });
    await eventually(() => expect(to.seqs('acme')).toEqual([51]));
    await eventually(async () =>
      expect(await audit.streams.status()).toMatchObject([{ lag: { entries: 0 } }]),
    );
  });

  it('shortens what is too large for its destination, and sets aside what still is', async () => {
    const to = new Receiver();
    Object.assign(to.limits, { bytes: 2_000 });
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme'] }] });
    await audit.event({ tenantId: 'acme', action: 'a', metadata: { text: 'x'.repeat(3_000) } });
    await audit.event({
      tenantId: 'acme',
      action: 'a',
      context: { userAgent: 'x'.repeat(1_000), path: 'y'.repeat(1_000) },
    });
    await audit.event({ tenantId: 'acme', action: 'a' });
    await eventually(() => expect(to.seqs('acme')).toEqual([1, 3]));
    expect(to.got[0]).toMatchObject({ truncated: true });
    expect(to.got[0]).not.toHaveProperty('metadata');
    expect(await audit.streams.setAside('siem')).toMatchObject([
      { seq: 2, reason: 'it takes more than 2000 bytes' },
    ]);
  });
});

describe('a replay', () => {
  it('never passes over what is recorded next, and moves the tenants of the stream alone', async () => {
    const to = new Receiver();
    const audit = started({ streams: [{ name: 'siem', to, tenants: ['acme', 'globex'] }] });
    await record(audit, 'acme', 4);
    await record(audit, 'globex', 2);
    await eventually(() => expect([to.seqs('acme'), to.seqs('globex')]).toEqual([upTo(4), upTo(2)]));
    await audit.streams.replay('siem', { from: 4 });
    await eventually(() => expect(to.seqs('acme')).toEqual([...upTo(4), 4]));
    await record(audit, 'globex', 1);
    await eventually(() => expect(to.seqs('globex')).toEqual(upTo(3)));
    await audit.streams.replay('siem', { from: new Date(0), tenantId: 'globex' });
    await eventually(() => expect(to.seqs('globex')).toEqual([...upTo(3), ...upTo(3)]));
    expect(to.seqs('acme')).toEqual([...upTo(4), 4]);
    for (const bad of [{}, { from: 0 }, { from: 'yesterday' }, { from: 1, tenantId: '' }, { from: 1, x: 1 }])
      await expect(audit.streams.replay('siem', bad as never)).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
      });
  });
});

describe('the options of a stream', () => {
  const to = new Receiver();
  it.each<[object, RegExp]>([
    [{ name: 'A b', to }, /`streams\[0\]\.name` must be/],
    [{ name: 'a', to: {} }, /`streams\[0\]\.to` must be a destination/],
    [{ name: 'a', to, tenants: [] }, /`streams\[0\]\.tenants`/],
    [{ name: 'a', to, owner: 'acme', tenants: ['acme'] }, /left out: the `owner`/],
    [
      { name: 'a', to: Object.assign(new Receiver(), { isLocal: true }), owner: 'acme' },
      /does not write to this machine/,
    ],
    [{ name: 'a', to, format: 'xml' }, /`streams\[0\]\.format` must be one of native, ocsf, ecs/],
    [{ name: 'a', to, filter: { outcome: 'maybe' } }, /`streams\[0\]\.filter\.outcome`/],
    [{ name: 'a', to, from: 'yesterday' }, /`streams\[0\]\.from`/],
    [{ name: 'a', to, actions: { x: { on: 'moon', does: 'read' } } }, /`streams\[0\]\.actions`/],
    [{ name: 'a', to, colour: 1 }, /`streams\[0\]\.colour` is not known/],
  ])('%# are refused by name', (options, complaint) => {
    expect(() => createTestAudit({ streams: [options as never] })).toThrow(complaint);
  });

  it('have names of their own', () => {
    expect(() =>
      createTestAudit({
        streams: [
          { name: 'a', to },
          { name: 'a', to },
        ],
      }),
    ).toThrow(/different names/);
    expect(() => createTestAudit({ streams: 1 as never })).toThrow(/an array of streams, or a function/);
  });
});
