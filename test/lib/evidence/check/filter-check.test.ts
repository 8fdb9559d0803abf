import { FilterCheck, isMatch } from '../../../../lib/evidence/check/filter-check';
import { Problems } from '../../../../lib/evidence/check/problems';
import { omitUndefined } from '../../../../lib/util/omit-undefined';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { type EvidenceFilter, filterScope } from '../../../../lib/evidence/records';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import type { Entry } from '../../../../lib/chain/entry';
import type { JsonObject } from '../../../../lib/chain/json';
import {
  chainOf,
  dayOf,
  encode,
  EXPORTED_AT,
  isExported,
  manifestOf,
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

/** The metadata of the entry that records an export with this filter. */
function statementOf(filter: EvidenceFilter): JsonObject {
  const { treeSize: _, ...statement } = manifestOf(filter);
  return statement as object as JsonObject;
}

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

  it('are named from the first to the last of a hole, however many records stand for it', async () => {
    const own = withExport(chain, {}).length;
    const report = await verify({}, ({ seq }) => seq < 5 || seq > 7 || seq === own);
    expect(report.problems).toMatchObject([{ kind: 'missing', seq: 5 }]);
    expect(report.problems[0]?.message).toContain('Entries 5 to 7 are left out');
  });

  it('are no entries that were recorded after it', async () => {
    const entries = withExport(chain, {}, [{ ...chain[0]!, id: 'later' }]);
    const report = await verify({}, () => true, entries);
    expect(report.problems).toMatchObject([{ kind: 'altered', seq: 22 }]);
    expect(report.problems[0]?.message).toContain('Entry 22 was recorded after the export');
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

describe('dates alone', () => {
  const entries = withExport(chainOf(6), {});
  const own = entries.length;
  const days = [undefined, ...Array.from({ length: 8 }, (_, n) => dayOf(n))];

  /** Which of the entries before the export's own a file may have, as bits. */
  function accepted(filter: EvidenceFilter): number[] {
    const ownRecord = { ...entries[own - 1]!, metadata: statementOf(filter) };
    return Array.from({ length: 2 ** (own - 1) }, (_, mask) => mask).filter((mask) => {
      const problems = new Problems();
      const check = new FilterCheck(manifestOf(filter), problems);
      for (const entry of entries.slice(0, -1)) {
        const { seq, hash } = entry;
        if ((mask >> (seq - 1)) % 2 === 1) check.entry(entry);
        else check.omitted({ type: 'omitted', first: seq, last: seq, hash });
      }
      check.entry(ownRecord);
      check.end(own);
      expect(check.statement).toBe(own);
      return problems.count === 0;
    });
  }

  const maskOf = (keep: (entry: Entry) => boolean): number =>
    entries.slice(0, -1).reduce((mask, each) => mask + (keep(each) ? 2 ** (each.seq - 1) : 0), 0);

  it('are proven by one choice of entries and by no other', () => {
    for (const from of days)
      for (const to of days) {
        const filter = omitUndefined({ from, to }) as EvidenceFilter;
        const found = accepted(filter);
        if (from !== undefined && to !== undefined && from > to)
          // Nothing can match: any entry that lies on the wrong side of both shows it, or two neighbours.
          expect(found.length).toBeGreaterThan(0);
        else expect([filter, found]).toEqual([filter, [maskOf(isExported(entries, filter))]]);
      }
  });
});
