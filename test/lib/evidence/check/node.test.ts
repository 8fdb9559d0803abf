import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { streamOf } from '../../../support/evidence-file';
import { KEYS, namesIn, vector } from '../../../support/evidence-vectors';

const verify = (folder: 'evidence' | 'evidence-bad', name: string, keys?: string[]) =>
  verifyEvidence(streamOf(vector(folder, name)), { keys });

const SIGNED = namesIn('evidence').filter((name) => !name.startsWith('unsigned'));

const RANGE = {
  scope: 'range',
  isComplete: true,
  entryCount: 10,
  matchCount: 7,
  omittedCount: 10,
  firstSeq: 6,
  lastSeq: 12,
};
const FILTERED = { scope: 'filtered', isComplete: false };

const SCOPES: Record<string, object> = {
  full: { scope: 'complete', isComplete: true, entryCount: 20, matchCount: 19, firstSeq: 1, lastSeq: 20 },
  range: RANGE,
  'range-lf': RANGE,
  'range-no-bom': RANGE,
  nothing: { scope: 'range', isComplete: true, entryCount: 3, matchCount: 0, omittedCount: 17 },
  since: { scope: 'range', isComplete: true, entryCount: 7, matchCount: 5, omittedCount: 13 },
  'since-and-later': { scope: 'range', isComplete: true, entryCount: 7, matchCount: 5, omittedCount: 14 },
  filtered: { ...FILTERED, entryCount: 4, matchCount: 3, omittedCount: 16, firstSeq: 4, lastSeq: 18 },
  none: { ...FILTERED, entryCount: 1, matchCount: 0, omittedCount: 19, firstSeq: null, lastSeq: null },
  'long-cell': { ...FILTERED, entryCount: 2, matchCount: 1, omittedCount: 19 },
};

/** Entries in the tree of a vector. */
const sizeOf = (name: string): number => (/^(?:long-cell|since-and-later)\./.test(name) ? 21 : 20);

describe('good evidence', () => {
  it.each(SIGNED)('is intact and signed when the key is given: %s', async (name) => {
    const report = await verify('evidence', name, KEYS);
    expect(report.problems).toEqual([]);
    const size = sizeOf(name);
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed', anchoredSize: size, size });
    expect(report).toMatchObject({
      tenantId: 'org_acme',
      ledger: 'audit.example.com',
      keys: KEYS,
      pin: null,
    });
    expect(report.statedBySigner).toBe(true);
  });

  it.each(SIGNED)('says what it covers: %s', async (name) => {
    expect(await verify('evidence', name)).toMatchObject(SCOPES[name.split('.')[0]!]!);
  });

  it.each(SIGNED)('is self-signed without a key from elsewhere: %s', async (name) => {
    const report = await verify('evidence', name);
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'self-signed' });
    expect(report.notProven.join(' ')).toContain('the key comes from the file itself');
  });

  it('may be unsigned, and says so', async () => {
    const report = await verify('evidence', 'unsigned.jsonl');
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'unsigned', anchoredSize: 0, keys: [] });
    expect(report.notProven.join(' ')).toContain('nobody signed it');
  });
});

it('refuses an unsigned file when a key is given: the signature may have been taken off', async () => {
  const report = await verify('evidence', 'unsigned.jsonl', KEYS);
  expect(report).toMatchObject({ verdict: 'broken', anchor: 'none', problemCount: 1, proven: [] });
  expect(report.problems[0]!.message).toContain('nobody signed it');
});

const BAD: Record<string, [kind: string, seq: number | null, message: RegExp]> = {
  'another-ledger.jsonl': ['foreign', null, /checkpoint is of "audit.example.com.*manifest of "audit.evil/],
  'another-tenant.jsonl': ['foreign', 6, /Entry 6 is of another tenant, "org_acme"/],
  'bom.jsonl': ['unreadable', null, /byte order mark/],
  'checkpoint-missing.jsonl': ['truncated', null, /checkpoint is missing/],
  'csv-bom-twice.csv': ['unreadable', null, /not exactly the header/],
  'csv-cell-edited.csv': ['altered', 7, /the cell `outcome`/],
  'csv-mixed-line-ends.csv': ['unreadable', null, /Some rows end in CR LF, and others/],
  'csv-quote-removed.csv': ['altered', 7, /the cell `onBehalfOf`/],
  'csv-unknown-row.csv': ['unreadable', null, /row that is none of evidence/],
  'date-range-with-more.jsonl': ['altered', 5, /Entry 5 does not match the filter/],
  'date-range-without-its-beginning.jsonl': ['missing', 1, /Entries 1 to 6 are left out/],
  'date-range-without-its-end.jsonl': ['missing', 12, /Entries 12 to 19 are left out/],
  'date-range-without-neighbours.jsonl': ['missing', 13, /Entries 13 to 19 are left out/],
  'duplicate-member.jsonl': ['altered', 6, /not written in the canonical form.*number of its members/],
  'entry-edited-and-rehashed.jsonl': ['relinked', 6, /does not link/],
  'entry-edited.jsonl': ['altered', 5, /does not give its hash/],
  'entry-removed.jsonl': ['missing', 5, /Entry 5 is missing/],
  'entry-twice.jsonl': ['duplicated', 5, /Entry 5 comes again/],
  'filter-lie.jsonl': ['altered', 6, /Entry 6 does not match the filter/],
  'filter-name-edited.jsonl': ['unreadable', null, /filter of the manifest has an unknown member/],
  'filter-star.jsonl': ['unreadable', null, /filter of the manifest has no valid `action`/],
  'hole-in-a-date-range.jsonl': ['missing', 8, /Entry 8 is left out/],
  'key-list-edited.jsonl': ['unreadable', null, /1 signatures and 2 keys/],
  'manifest-twice.jsonl': ['unreadable', null, /second manifest/],
  'not-canonical.jsonl': ['altered', null, /manifest: it is not written in the canonical form/],
  'note-of-another-tenant-renamed.jsonl': [
    'foreign',
    null,
    /checkpoint is of "audit.example.com\/org_other"/,
  ],
  'older-checkpoint.jsonl': ['rewritten', null, /checkpoint states 13 entries.*add up to 20/],
  'record-after-checkpoint.jsonl': ['unreadable', null, /follows the checkpoint/],
  'signed-by-a-stranger.jsonl': [
    'unreadable',
    null,
    /not signed by any key that was given: others signed it/,
  ],
  'torn-last-line.jsonl': ['truncated', null, /last line has no line break/],
  'tree-size-lie.jsonl': ['truncated', null, /manifest states 21 entries.*add up to 20/],
  'unknown-member.jsonl': ['unreadable', null, /manifest has an unknown member/],
  'unknown-record.jsonl': ['unreadable', null, /unknown type/],
  'upper-case-hash.jsonl': ['altered', 5, /no hash of 64 lower-case/],
};

describe('bad evidence', () => {
  it('is all named here', () => {
    expect(Object.keys(BAD)).toEqual(namesIn('evidence-bad'));
  });

  it.each(Object.entries(BAD))(
    'is refused for the reason in its name: %s',
    async (name, [kind, seq, message]) => {
      const report = await verify('evidence-bad', name, KEYS);
      expect(report).toMatchObject({ verdict: 'broken', anchor: 'none', anchoredSize: 0, proven: [] });
      expect(report.problems).toContainEqual({ kind, seq, message: expect.stringMatching(message) });
    },
  );

  it('passes for self-signed when a stranger signed it and no key is given', async () => {
    expect(await verify('evidence-bad', 'signed-by-a-stranger.jsonl')).toMatchObject({
      verdict: 'intact',
      anchor: 'self-signed',
    });
  });
});

it('lets errors of the stream through', async () => {
  async function* failing(): AsyncGenerator<string> {
    yield '[\n';
    await Promise.reject(new Error('the disk is gone'));
  }
  await expect(verifyEvidence(failing())).rejects.toThrow('the disk is gone');
});

it('names what a stream gives that is neither bytes nor text', async () => {
  const objects = (async function* () {
    await Promise.resolve();
    yield { a: 1 };
  })();
  const stream = objects as unknown as AsyncIterable<string>;
  await expect(verifyEvidence(stream)).rejects.toMatchObject({ code: 'UNREADABLE' });
});
