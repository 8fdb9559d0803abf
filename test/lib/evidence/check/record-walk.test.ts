import type { Entry } from '../../../../lib/chain/entry';
import { entryHash } from '../../../../lib/chain/entry';
import { isSameHash } from '../../../../lib/tree/hash';
import { Problems } from '../../../../lib/evidence/check/problems';
import { type EvidenceRecord, entryText } from '../../../../lib/evidence/records';
import { RecordWalk } from '../../../../lib/evidence/check/record-walk';
import { describeRange } from '../../../../lib/chain/chain-order';
import { chainOf, tiles } from '../../../support/evidence-file';
import { sha256, sha256Bytes, verifyEd25519 } from '../../../../lib/crypto/node';

const chain = chainOf(10);
const crypto = { sha256, sha256Bytes, verifyEd25519 };

function walkOver(
  records: readonly EvidenceRecord[],
  watched: number | null = null,
): { walk: RecordWalk; found: unknown[] } {
  const problems = new Problems();
  const walk = new RecordWalk('org_acme', crypto, problems, watched);
  for (const record of records) {
    if (record.type === 'entry') walk.entry(record, entryText(record.entry));
    if (record.type === 'omitted') walk.omitted(record);
  }
  return { walk, found: problems.list.map(({ kind, seq }) => [kind, seq]) };
}

const all = tiles(chain, () => true);
const root = walkOver(all).walk.root!;
const recordOf = (entry: Entry): EvidenceRecord => {
  const hash = entryHash(entry, sha256);
  return { type: 'entry', entry, hash };
};

it('finds the same root whatever is left out', () => {
  for (let mask = 0; mask < 1024; mask++) {
    const { walk, found } = walkOver(tiles(chain, ({ seq }) => (mask >> (seq - 1)) % 2 === 1));
    expect([found, walk.size, isSameHash(walk.root!, root)]).toEqual([[], 10, true]);
    expect(walk.entryCount + walk.omittedCount).toBe(10);
  }
});

it('keeps the root at the size that is watched, where a record ends there', () => {
  const rootOfSix = walkOver(all.slice(0, 6)).walk.root!;
  expect(walkOver(all, 6).walk.watchedRoot).toEqual(rootOfSix);
  expect(
    walkOver(
      tiles(chain, ({ seq }) => seq > 8),
      6,
    ).walk.watchedRoot,
  ).toBeNull();
  expect(
    walkOver(
      tiles(chain, ({ seq }) => seq > 8),
      8,
    ).walk.watchedRoot,
  ).toEqual(walkOver(all.slice(0, 8)).walk.root);
});

it.each<[string, EvidenceRecord[], unknown[]]>([
  ['a gap', all.toSpliced(4, 2), [['missing', 5]]],
  ['a second copy', all.toSpliced(4, 0, all[3]!), [['duplicated', 4]]],
  [
    'an entry edited',
    all.with(4, { ...all[4]!, entry: { ...chain[4]!, actor: 'mallory' } } as EvidenceRecord),
    [['altered', 5]],
  ],
  ['one hashed again', all.with(4, recordOf({ ...chain[4]!, actor: 'mallory' })), [['relinked', 6]]],
  ["another tenant's", all.with(4, recordOf({ ...chain[4]!, tenantId: 'org_other' })), [['foreign', 5]]],
  [
    'a first entry with a predecessor',
    [recordOf({ ...chain[0]!, prevHash: 'a'.repeat(64) })],
    [['relinked', 1]],
  ],
  [
    'a link to another omitted leaf',
    tiles(chain, ({ seq }) => seq !== 5).with(4, {
      ...tiles(chain, ({ seq }) => seq !== 5)[4]!,
      hash: 'a'.repeat(64),
    } as EvidenceRecord),
    [['relinked', 6]],
  ],
])('reports %s where it lies, and once', (_, records, expected) => {
  expect(walkOver(records).found).toEqual(expected);
});

it('reports an entry that says it was recorded before one in front of it', () => {
  // Behind a subtree nobody can tell what an entry should link to, but time still does not go back.
  const behind = tiles(chain.slice(0, 8), ({ seq }) => seq === 2);
  const early = recordOf({ ...chain[8]!, recordedAt: '2026-01-01T00:00:00.000Z' });
  expect(walkOver([...behind, early]).found).toEqual([['backdated', 9]]);
});

it('adds up to nothing once a place is missing or taken twice', () => {
  expect(walkOver(all.toSpliced(4, 1)).walk.root).toBeNull();
  expect(walkOver([...all, all[0]!]).walk.root).toBeNull();
});

it('names entries by their numbers', () => {
  expect([describeRange(1, 1, 'is', 'are'), describeRange(1, 2, 'is', 'are'), describeRange(3, 4)]).toEqual([
    'Entry 1 is',
    'Entries 1 to 2 are',
    'Entries 3 to 4',
  ]);
});
