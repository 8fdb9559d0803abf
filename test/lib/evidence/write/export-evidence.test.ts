import { Audit } from '../../../../lib/audit';
import { statementText } from '../../../../lib/evidence/records';
import { canonicalize } from '../../../../lib/chain/canonical';
import type { Json } from '../../../../lib/chain/json';
import { parseOptions } from '../../../../lib/options';
import { runInScope } from '../../../../lib/scope';
import { assertExport, type Filter } from '../../../support/assert-export';
import {
  exportedIn,
  FORMATS,
  manifestIn,
  SIGNING,
  signingLedger,
  textOf,
  verified,
  verifierKeyOf,
} from '../../../support/evidence';
import { memoryLedger } from '../../../support/memory-ledger';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { sized } from '../../../support/sized';

describe('the entries of an export', () => {
  const DAY = 86_400_000;
  let audit: Audit;
  let from: Date;
  let to: Date;

  beforeAll(async () => {
    const ledger = memoryLedger(SIGNING);
    ({ audit } = ledger);
    for (let part = 0; part < 3; part++) {
      const batch = audit.batch();
      for (let n = 0; n < 40; n++)
        batch.event({
          tenantId: 't',
          actor: `actor-${n % 3}`,
          action: n % 10 === 0 ? 'org.member.invite' : `auth.login.${n % 2}`,
          resource: `r=${n % 7}`,
          outcome: (['success', 'failure', 'denied'] as const)[n % 3],
          metadata: { n, text: '=1+1;\n"quoted", é 😀 \u2028' },
        });
      const { receipts } = await batch.commit();
      if (part === 1) from = new Date(receipts[0]?.recordedAt ?? 0);
      if (part === 2) to = new Date(receipts[0]?.recordedAt ?? 0);
      ledger.advance(2 * DAY);
    }
  });

  const parts = (): Filter[] => [
    { actor: 'actor-1' },
    { action: 'auth.*' },
    { resource: 'r=3' },
    { outcome: 'denied' },
    { startDate: from },
    { endDate: to },
  ];

  describe.each(FORMATS)('in %s', (format) => {
    it.each([true, false])(
      'are those of `list`, for each filter alone and together; proof: %s',
      async (proof) => {
        const single = parts();
        const pairs = single.flatMap((a, i) => single.slice(i + 1).map((b) => ({ ...a, ...b })));
        const some = format === 'jsonl' ? pairs.slice(0, sized(proof ? pairs.length : 0, pairs.length)) : [];
        const all: Filter[] = [{}, ...single, ...some, Object.assign({}, ...single) as Filter];
        for (const filter of all)
          await assertExport(audit, { tenantId: 't', format, includeChainProof: proof, ...filter });
      },
    );

    it.each<[string, Filter]>([
      ['an actor that is nobody', { actor: 'nobody' }],
      ['an empty actor', { actor: '' }],
      ['an empty resource', { resource: '' }],
      ['a prefix of nothing', { action: 'zzz*' }],
      ['a name that is only a prefix', { action: 'auth.' }],
      ['what looks like a command', { actor: '{"$ne":null}' }],
      ['half of a pair', { actor: '\ud83d', action: '\ude00*' }],
    ])('hold nothing but the export’s own for %s', async (_what, filter) => {
      const text = await assertExport(audit, { tenantId: 't', format, exportedBy: 'auditor', ...filter });
      expect(exportedIn(text, format)).toHaveLength(1);
    });

    it.each<[string, Filter]>([
      ['the past', { endDate: '2001-01-01' }],
      ['the future', { startDate: '2999-01-01' }],
      ['a span that ends before it begins', { startDate: '2999-01-01', endDate: '2001-01-01' }],
      ['a past span that ends before it begins', { startDate: '2002-01-01', endDate: '2001-01-01' }],
      ['a future span that ends before it begins', { startDate: '2999-01-01', endDate: '2998-01-01' }],
    ])('show by one neighbour that there are none in %s', async (_what, filter) => {
      const text = await assertExport(audit, { tenantId: 't', format, ...filter });
      expect(exportedIn(text, format)).toHaveLength(2);
    });
  });

  it('are all with a prefix of all names, its own among them once', async () => {
    const text = await assertExport(audit, { tenantId: 't', action: '*' });
    expect(exportedIn(text, 'jsonl').length).toBeGreaterThan(120);
    expect(manifestIn(text, 'jsonl').filter).toEqual({});
    expect(await verified(text)).toMatchObject({ scope: 'complete', isComplete: true });
  });
});

describe('whole days', () => {
  it('are taken in to their last millisecond, and nothing of the next', async () => {
    const clock = { now: 0, random: Math.random };
    const times = [
      '2026-04-30T23:59:59.999Z',
      '2026-05-01T00:00:00.000Z',
      '2026-05-01T23:59:59.999Z',
      '2026-05-02T00:00:00.000Z',
    ];
    const audit = new Audit(new MemoryStore(), parseOptions(SIGNING), {
      ...clock,
      now: () => clock.now,
    });
    for (const time of times) {
      clock.now = Date.parse(time);
      await audit.event({ tenantId: 't', action: 'a.b', id: time });
    }
    const seqsOf = async (query: Filter & { includeChainProof?: boolean }) =>
      exportedIn(await assertExport(audit, { tenantId: 't', ...query }), 'jsonl').map(({ seq }) => seq);
    clock.now = Date.parse('2026-05-03T00:00:00Z');
    const day = '2026-05-01';
    // Each with its neighbours, and the export's own.
    expect(await seqsOf({ startDate: day, endDate: day })).toEqual([1, 2, 3, 4, 5]);
    expect(await seqsOf({ endDate: day })).toEqual([1, 2, 3, 4, 6]);
    expect(await seqsOf({ startDate: day })).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await seqsOf({ startDate: times[2], endDate: times[3] })).toEqual([2, 3, 4, 8]);
    // The day on which it is made: the export itself falls into it.
    expect(await seqsOf({ startDate: '2026-05-03', endDate: '2026-05-03' })).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await seqsOf({ startDate: day, endDate: day, includeChainProof: false })).toEqual([2, 3, 10]);
  });
});

describe('tenants', () => {
  const NAMES = [
    'with space',
    'a/b/../c',
    'ünï 😀',
    '100%',
    '%2F',
    'a:b',
    "it's",
    '=1+1',
    'a\nb\tc',
    '__proto__',
  ];
  let audit: Audit;
  beforeAll(async () => {
    audit = signingLedger(new MemoryStore());
    for (const tenantId of NAMES)
      for (let n = 0; n < 3; n++) await audit.event({ tenantId, action: 'a.b', actor: tenantId });
  });

  it.each(NAMES)('have their own evidence: %j', async (tenantId) => {
    const format = FORMATS[NAMES.indexOf(tenantId) % 3] as (typeof FORMATS)[number];
    const text = await assertExport(audit, { tenantId, format });
    expect(manifestIn(text, format)).toMatchObject({ tenantId, ledger: SIGNING.ledger });
    await assertExport(audit, { tenantId, format, actor: tenantId, startDate: '2020-01-01' });
  });

  it.each([...FORMATS])('without entries have the export’s own alone: %s', async (format) => {
    const text = await assertExport(audit, { tenantId: `new ${format}`, format });
    expect(exportedIn(text, format).map(({ seq }) => seq)).toEqual([1]);
    const plain = await audit.exportEvidence({
      tenantId: `plain ${format}`,
      format,
      includeChainProof: false,
    });
    expect(exportedIn(await textOf(plain), format)).toHaveLength(1);
  });

  it('can be the ledger itself, whose chain tells of the other exports', async () => {
    await textOf(await audit.exportEvidence({ tenantId: 'with space' }));
    await audit.flush();
    const text = await assertExport(audit, { tenantId: 'system', action: 'ledger.*' });
    expect(text).toContain('"ledger.checkpoint"');
  });

  it('are refused where they are none, and nothing is recorded', async () => {
    for (const tenantId of ['', 'a\0b', 'x'.repeat(257), undefined, { $ne: null }])
      await expect(audit.exportEvidence({ tenantId: tenantId as string })).rejects.toMatchObject({
        code: 'INVALID_QUERY',
      });
  });
});

describe('the entry of the export', () => {
  let audit: Audit;
  beforeAll(async () => {
    audit = signingLedger(new MemoryStore());
    await audit.event({ tenantId: 't', action: 'a.b', actor: 'ada' });
  });

  const newest = async () => (await audit.list({ tenantId: 't', action: 'audit.export', limit: 1 }))[0];

  it.each(FORMATS)('holds the manifest without treeSize: %s', async (format) => {
    const filter = { actor: 'ä', action: 'a.*', resource: '=1', outcome: 'success' as const };
    const dates = { startDate: '2026-05-01', endDate: '2999-05-01' };
    const text = await textOf(await audit.exportEvidence({ tenantId: 't', format, ...filter, ...dates }));
    const own = await newest();
    const manifest = manifestIn(text, format);
    expect(canonicalize(own?.metadata as Json)).toBe(statementText(manifest));
    expect(manifest).toMatchObject({
      treeSize: own?.seq,
      filter: { ...filter, from: '2026-05-01T00:00:00.000Z', to: '2999-05-02T00:00:00.000Z' },
    });
    expect(own).toMatchObject({ action: 'audit.export', outcome: 'success', tenantId: 't' });
  });

  const LONG: unknown = expect.stringMatching(/^x{191}…[0-9a-f]{64}$/);

  it.each<[string, Filter, unknown]>([
    ['nobody', {}, 'anonymous'],
    ['whom `exportedBy` names', { exportedBy: 'eve', actor: 'ada' }, 'eve'],
    ['the actor of the filter', { actor: 'ada' }, 'ada'],
    ['nobody, for a filter that is no actor', { actor: '' }, 'anonymous'],
    ['the actor of the filter, however long', { actor: 'x'.repeat(300) }, LONG],
  ])('is by %s', async (_who, filter, actor) => {
    await assertExport(audit, { tenantId: 't', ...filter });
    expect(await newest()).toMatchObject({ actor });
  });

  it('is by the request’s actor, whatever the query says, and in the tenant of the query', async () => {
    const scope = {
      origin: () => ({
        actor: { id: 'req', onBehalfOf: 'boss' },
        tenantId: 'other',
        context: { route: '/x' },
      }),
      recorded: () => undefined,
      isOver: false,
    };
    const query = { tenantId: 't', exportedBy: 'eve', actor: 'ada' };
    await runInScope(scope, () => assertExport(audit, query));
    expect(await newest()).toMatchObject({ actor: 'req', onBehalfOf: 'boss', context: { route: '/x' } });
    await runInScope({ ...scope, origin: () => ({}) }, () => assertExport(audit, query));
    expect(await newest()).toMatchObject({ actor: 'eve' });
  });

  it('keeps no secret that was asked for, nor does the file', async () => {
    const before = (await newest())?.seq;
    const actor = 'Bearer abcdefghijklmnop0123456789';
    await expect(audit.exportEvidence({ tenantId: 't', actor })).rejects.toMatchObject({
      code: 'INVALID_QUERY',
      message: expect.not.stringContaining('abcdef'),
    });
    expect((await newest())?.seq).toBe(before);
  });

  it('finds the entries of an actor whose name could not be stored as it was', async () => {
    await audit.event({ tenantId: 't', action: 'a.b', actor: 'half \ud83d', resource: '\ude00' });
    await audit.event({ tenantId: 't', action: 'a.b', actor: 'half \udc00', resource: '\ude00' });
    const text = await assertExport(audit, { tenantId: 't', actor: 'half \ud83d', resource: '\ude00' });
    expect(exportedIn(text, 'jsonl')).toHaveLength(2);
  });

  it('finds the entries of an actor whose name is too long, also by what entries keep of it', async () => {
    const actor = 'z'.repeat(300);
    await audit.event({ tenantId: 't', action: 'a.b', actor });
    await audit.event({ tenantId: 't', action: 'a.b', actor: `${actor}z` });
    const [entry] = await audit.list({ tenantId: 't', actor });
    for (const asked of [actor, entry?.actor as string])
      expect(
        exportedIn(await assertExport(audit, { tenantId: 't', actor: asked, exportedBy: 'eve' }), 'jsonl'),
      ).toHaveLength(2);
  });

  it('is not recorded by a ledger that was closed', async () => {
    const closed = signingLedger(new MemoryStore());
    await closed.close();
    await expect(closed.exportEvidence({ tenantId: 't' })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('who signs', () => {
  it.each(FORMATS)('is nobody without a key: %s', async (format) => {
    const { audit } = memoryLedger();
    for (let n = 0; n < 5; n++) await audit.event({ tenantId: 't', action: `a.${n}` });
    for (const filter of [{}, { action: 'a.3' }]) {
      const text = await textOf(await audit.exportEvidence({ tenantId: 't', format, ...filter }));
      expect(await verified(text)).toMatchObject({
        verdict: 'intact',
        anchor: 'unsigned',
        ledger: 'localhost',
        statedBySigner: true,
        keys: [],
      });
      expect(await verified(text, { keys: [verifierKeyOf('t')] })).toMatchObject({ verdict: 'broken' });
    }
  });

  it('is the ledger’s key, which proves nothing by itself and nothing for another tenant', async () => {
    const audit = signingLedger(new MemoryStore());
    await audit.event({ tenantId: 't', action: 'a.b' });
    const text = await assertExport(audit, { tenantId: 't' });
    expect(await verified(text)).toMatchObject({ verdict: 'intact', anchor: 'self-signed' });
    expect(await verified(text, { keys: [verifierKeyOf('u')] })).toMatchObject({ verdict: 'broken' });
    const checkpoint = await audit.checkpoint('t');
    await audit.event({ tenantId: 't', action: 'a.b' });
    const later = await assertExport(audit, { tenantId: 't' });
    expect(await verified(later, { checkpoint, keys: [verifierKeyOf('t')] })).toMatchObject({
      verdict: 'intact',
      anchor: 'pinned',
    });
  });
});
