import { isMatch } from '../../../../lib/evidence/check/filter-check';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { type EvidenceFilter, filterScope } from '../../../../lib/evidence/records';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import type { Entry } from '../../../../lib/chain/entry';
import {
  chainOf,
  dayOf,
  encode,
  EXPORTED_AT,
  isExported,
  newSigner,
  recordsOf,
  streamOf,
  withExport,
} from '../../../support/evidence-file';

const signer = newSigner();
const chain = chainOf(20);
const entry = chain[9]!;

const verify = (
  filter: EvidenceFilter,
  keep?: (entry: Entry) => boolean,
  entries = withExport(chain, filter),
): Promise<EvidenceReport> =>
  verifyEvidence(streamOf(encode(recordsOf(entries, filter, signer, keep), 'csv')), {
    keys: [signer.vkeyOf('org_acme')],
  });

const found = ({ problems }: EvidenceReport): unknown[] => problems.map(({ kind, seq }) => [kind, seq]);

describe('an entry', () => {
  it.each<EvidenceFilter>([
    {},
    { actor: 'user_3' },
    { action: 'auth.login' },
    { action: 'auth.*' },
    { action: '*' },
    { resource: 'invite_10' },
    { outcome: 'success' },
    { from: dayOf(10), to: dayOf(11) },
  ])('matches %j', (filter) => expect(isMatch(filter, entry)).toBe(true));

  it.each<EvidenceFilter>([
    { actor: 'user_1' },
    { action: 'auth' },
    { action: 'auth.login.*' },
    { action: 'org.*' },
    { resource: 'invite_1' },
    { outcome: 'denied' },
    { from: dayOf(11) },
    { to: dayOf(10) },
    { actor: 'user_3', outcome: 'denied' },
  ])('does not match %j', (filter) => expect(isMatch(filter, entry)).toBe(false));
});

it('names the scope of a filter', () => {
  expect([
    filterScope({}),
    filterScope({ to: EXPORTED_AT }),
    filterScope({ to: EXPORTED_AT, actor: 'a' }),
  ]).toEqual(['complete', 'range', 'filtered']);
});

describe.each<[string, EvidenceFilter]>([
  ['no filter', {}],
  ['dates', { from: dayOf(5), to: dayOf(15) }],
  ['a first date', { from: dayOf(5) }],
  ['a last date', { to: dayOf(15) }],
  ['a last date to come', { to: '2027-01-01T00:00:00.000Z' }],
  ['dates without entries', { from: '2025-01-01T00:00:00.000Z', to: '2025-01-02T00:00:00.000Z' }],
  ['dates to come', { from: '2027-01-01T00:00:00.000Z' }],
  ['names', { action: 'auth.*', outcome: 'denied' }],
])('an export with %s', (_, filter) => {
  it('is intact', async () => {
    const report = await verify(filter);
    expect(report).toMatchObject({ verdict: 'intact', statedBySigner: true, filter });
  });

  it('is refused when it holds an entry that does not match', async () => {
    const all = await verify(filter, () => true);
    expect(all.verdict).toBe(
      Object.keys(filter).length === 0 || filter.to?.startsWith('2027') ? 'intact' : 'broken',
    );
  });
});

describe('entries that an honest export would hold', () => {
  it.each<[string, EvidenceFilter, number]>([
    ['inside the dates', { from: dayOf(5), to: dayOf(15) }, 8],
    ['first of all, though no first date is given', { to: dayOf(15) }, 1],
    ['last of all, though no last date is given', { from: dayOf(5) }, 20],
    ['anywhere, though there is no filter', {}, 20],
  ])('are missed: %s', async (_, filter, left) => {
    const entries = withExport(chain, filter);
    const wasExported = isExported(entries, filter);
    const report = await verify(filter, (each) => each.seq !== left && wasExported(each), entries);
    expect(report.verdict).toBe('broken');
    expect(found(report)).toEqual([['missing', left]]);
  });

  it('are not missed when they were recorded while the export was under way', async () => {
    const entries = withExport(chain, {}, [{ ...chain[0]!, id: 'later' }]);
    const report = await verify({}, ({ id }) => id !== 'later', entries);
    expect(report).toMatchObject({ verdict: 'intact', omittedCount: 1 });
    expect(report.notProven.join(' ')).toContain('while the export was under way');
  });

  it('are missed at the end when no entry states the export', async () => {
    const report = await verify({}, ({ seq }) => seq < 20, chain);
    expect(found(report)).toEqual([['missing', 20]]);
  });
});

it('says when the filter is nobody’s', async () => {
  const report = await verify({ action: 'auth.*' }, undefined, chain);
  expect(report).toMatchObject({ verdict: 'intact', statedBySigner: false });
  expect(report.notProven.join(' ')).toContain('no entry of the chain records this export');
});

it('does not take another export for the file’s own', async () => {
  const report = await verify(
    { actor: 'user_1' },
    () => true,
    withExport(chain.slice(0, 1), { actor: 'user_2' }),
  );
  expect(report.statedBySigner).toBe(false);
  expect(found(report)).toEqual([['altered', 2]]);
});
