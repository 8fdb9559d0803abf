import { ChainCheck, type Problem, type Reading } from '../../../lib/chain/chain-check';
import { documentId, type Entry, entryHash } from '../../../lib/chain/entry';
import { GENESIS, type Head, link } from '../../../lib/chain/link';
import vectors from '../../vectors/chain.json';
import { sha256 } from '../../../lib/crypto/node';

const tenantId = 'org_acme';
const chain = vectors.entries as Entry[];

/** The entry that is tampered with: it has an `after` of null, a predecessor and successors. */
const VICTIM = 5;

const reading = (entry: Entry): Reading => ({
  documentId: documentId(entry.tenantId, entry.id),
  seq: entry.seq,
  hash: entry.hash,
  entry,
  fault: null,
});

const readings = (): Reading[] => chain.map(reading);

function problemsOf(all: Reading[]): Problem[] {
  const check = new ChainCheck(tenantId, sha256);
  return all.flatMap((each) => check.next(each));
}

const found = (all: Reading[]): [string, number | null][] =>
  problemsOf(all).map(({ kind, seq }) => [kind, seq]);

/** The chain with one entry replaced. */
const withVictim = (change: (entry: Entry) => Entry): Reading[] =>
  chain.map((entry) => reading(entry.seq === VICTIM ? change(entry) : entry));

const rehashed = (entry: Entry): Entry => ({ ...entry, hash: entryHash(entry, sha256) });

/** The chain with an entry changed, and all behind it linked anew. */
function relinked(change: (entry: Entry) => Entry): Entry[] {
  const result: Entry[] = [];
  for (const original of chain) {
    const { hash: _, ...entry } = original.seq === VICTIM ? change(original) : original;
    const prevHash = result.at(-1)?.hash ?? entry.prevHash;
    result.push(rehashed({ ...entry, prevHash, hash: '' }));
  }
  return result;
}

/** An entry of another tenant's chain at the same place. */
const other = (seq: number): Entry =>
  rehashed({ ...chain[seq - 1]!, tenantId: 'org_other', id: `other-${seq}`, actor: 'user_other' });

describe('a chain as it was written', () => {
  it('has no problems', () => {
    expect(problemsOf(readings())).toEqual([]);
  });

  it('is as long as its last number', () => {
    const check = new ChainCheck(tenantId, sha256);
    expect(check.size).toBe(0);
    for (const each of readings()) check.next(each);
    expect(check.size).toBe(20);
  });

  it('has entries of one time', () => {
    const recordedAt = chain[0]!.recordedAt;
    let head: Head = { ...GENESIS, recordedAt };
    const all = chain.map((entry) => {
      const linked = link(entry, head, recordedAt, sha256);
      head = linked;
      return linked;
    });
    expect(problemsOf(all.map(reading))).toEqual([]);
  });
});

describe('an entry that was edited', () => {
  it.each([
    ...[
      'id',
      'actor',
      'action',
      'resource',
      'outcome',
      'actorType',
      'actorName',
      'onBehalfOf',
      'resourceType',
    ],
    ...['resourceName', 'context', 'metadata', 'before', 'after', 'commitments', 'hash'],
  ])('is altered, once: %s', (member) => {
    expect(found(withVictim((entry) => ({ ...entry, [member]: 'edited' })))).toEqual([['altered', VICTIM]]);
  });

  it.each(['occurredAt', 'recordedAt'])('is altered, once, whatever time it names: %s', (member) => {
    for (const time of ['1970-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z']) {
      expect(found(withVictim((entry) => ({ ...entry, [member]: time })))).toEqual([['altered', VICTIM]]);
    }
  });

  it.each(['resource', 'before', 'after'] as const)('is altered, once, without %s', (member) => {
    const all = withVictim((entry) => {
      const { [member]: _, ...rest } = entry;
      return rest;
    });
    expect(found(all)).toEqual([['altered', VICTIM]]);
  });

  it('is altered, and does not link, with another prevHash', () => {
    const all = withVictim((entry) => ({ ...entry, prevHash: 'f'.repeat(64) }));
    expect(found(all)).toEqual([
      ['altered', VICTIM],
      ['relinked', VICTIM],
    ]);
  });

  it('is altered where its _id alone was changed', () => {
    for (const id of ['org_acme:other', 'org_other:x', 'x', '', ':', null, '%E0%A4%A:x']) {
      const all = readings();
      all[VICTIM - 1]!.documentId = id;
      expect(found(all)).toEqual([['altered', VICTIM]]);
    }
  });

  it('is altered, not foreign, where its _id names no tenant at all', () => {
    for (const id of ['x', 'org_acme', '', ':x', null, '%E0%A4%A:x']) {
      const all = withVictim((entry) => ({ ...entry, actor: 'mallory' }));
      all[VICTIM - 1]!.documentId = id;
      expect(found(all)).toEqual([['altered', VICTIM]]);
    }
  });

  it('is what its reader says where it cannot be read, and its successor still links', () => {
    for (const kind of ['altered', 'unreadable'] as const) {
      const all = readings();
      all[VICTIM - 1] = {
        ...all[VICTIM - 1]!,
        entry: null,
        fault: { kind, message: 'its member "actor" is odd' },
      };
      expect(found(all)).toEqual([[kind, VICTIM]]);
      all[VICTIM - 1]!.hash = null;
      expect(found(all)).toEqual([[kind, VICTIM]]);
    }
  });

  it('is altered each time where many are', () => {
    const all = chain.map((entry) => reading({ ...entry, actor: 'mallory' }));
    expect(found(all)).toEqual(chain.map(({ seq }) => ['altered', seq]));
  });
});

describe('an entry that was edited and hashed again', () => {
  it('shows in the next one', () => {
    expect(found(withVictim((entry) => rehashed({ ...entry, actor: 'mallory' })))).toEqual([
      ['relinked', VICTIM + 1],
    ]);
  });

  it('shows there once, also when it was dated forward', () => {
    const all = withVictim((entry) => rehashed({ ...entry, recordedAt: '2030-01-01T00:00:00.000Z' }));
    expect(found(all)).toEqual([['relinked', VICTIM + 1]]);
  });

  it('is relinked when it links elsewhere', () => {
    const all = relinked((entry) => entry).map(reading);
    all[VICTIM - 1] = reading(rehashed({ ...chain[VICTIM - 1]!, prevHash: chain[0]!.hash }));
    expect(found(all)).toEqual([
      ['relinked', VICTIM],
      ['relinked', VICTIM + 1],
    ]);
  });

  it('is backdated when all behind it were linked anew', () => {
    const back = relinked((entry) => ({ ...entry, recordedAt: '2026-01-01T00:00:00.000Z' }));
    expect(found(back.map(reading))).toEqual([['backdated', VICTIM]]);
  });

  it('makes its successor backdated, once, when it was dated forward', () => {
    const forward = relinked((entry) => ({ ...entry, recordedAt: '2030-01-01T00:00:00.000Z' }));
    expect(found(forward.map(reading))).toEqual([['backdated', VICTIM + 1]]);
  });

  it('does not show where the whole suffix was rewritten: only a checkpoint tells', () => {
    expect(found(relinked((entry) => ({ ...entry, actor: 'mallory' })).map(reading))).toEqual([]);
  });
});

describe('entries that were removed, added or moved', () => {
  it.each([1, 2, VICTIM, 19])('names the removed one as missing: %i', (seq) => {
    expect(found(readings().filter((each) => each.seq !== seq))).toEqual([['missing', seq]]);
  });

  it('does not miss the last: only a checkpoint tells', () => {
    expect(found(readings().slice(0, -1))).toEqual([]);
  });

  it('names a run of removed ones once', () => {
    const problems = problemsOf(readings().filter(({ seq }) => seq! < 5 || seq! > 8));
    expect(problems).toEqual([{ kind: 'missing', seq: 5, message: 'Entries 5 to 8 are missing.' }]);
  });

  it('finds an edit right behind a gap', () => {
    const all = withVictim((entry) => ({ ...entry, actor: 'mallory' })).filter(
      ({ seq }) => seq !== VICTIM - 1,
    );
    expect(found(all)).toEqual([
      ['missing', VICTIM - 1],
      ['altered', VICTIM],
    ]);
  });

  it.each([0, 1])('names a duplicate, before or behind the first', (place) => {
    const twin = reading(rehashed({ ...chain[VICTIM - 1]!, id: 'twin', actor: 'mallory' }));
    const all = readings();
    all.splice(VICTIM - 1 + place, 0, twin);
    expect(found(all)).toEqual([['duplicated', VICTIM]]);
  });

  it('names each of three of one number', () => {
    const all = readings();
    all.splice(VICTIM, 0, all[VICTIM - 1]!, all[VICTIM - 1]!);
    expect(found(all)).toEqual([
      ['duplicated', VICTIM],
      ['duplicated', VICTIM],
    ]);
  });

  it('names both of two swapped ones, and nothing behind their successor', () => {
    const [one, two] = [chain[VICTIM - 1]!, chain[VICTIM]!];
    const all = readings();
    all[VICTIM - 1] = reading({ ...two, seq: one.seq });
    all[VICTIM] = reading({ ...one, seq: two.seq });
    const problems = found(all);
    expect(problems).toContainEqual(['altered', VICTIM]);
    expect(problems).toContainEqual(['altered', VICTIM + 1]);
    expect(problems.every(([, seq]) => seq! >= VICTIM && seq! <= VICTIM + 2)).toBe(true);
  });

  it('names what was put between the numbers', () => {
    const all = readings();
    all.splice(3, 0, {
      ...all[3]!,
      seq: null,
      entry: null,
      fault: { kind: 'altered', message: 'its seq is odd' },
    });
    const [problem, ...rest] = problemsOf(all);
    expect(problem).toMatchObject({
      kind: 'altered',
      seq: null,
      message: expect.stringContaining('its seq is odd'),
    });
    expect(rest).toEqual([]);
  });

  it('names an appended forgery', () => {
    const forged = rehashed({ ...chain[19]!, seq: 21, id: 'forged', prevHash: 'ab'.repeat(32) });
    expect(found([...readings(), reading(forged)])).toEqual([['relinked', 21]]);
  });
});

describe('an entry of another tenant', () => {
  it('is foreign as it is', () => {
    const all = readings();
    all[VICTIM - 1] = reading(other(VICTIM));
    expect(found(all)).toEqual([['foreign', VICTIM]]);
  });

  it('is foreign under our name, by its _id', () => {
    const all = readings();
    all[VICTIM - 1] = { ...reading({ ...other(VICTIM), tenantId }), documentId: 'org_other:other-5' };
    expect(problemsOf(all)).toMatchObject([
      { kind: 'foreign', seq: VICTIM, message: expect.stringContaining('"org_other"') },
    ]);
  });

  it('is foreign behind the end', () => {
    expect(found([...readings(), reading(rehashed({ ...other(20), seq: 21 }))])).toEqual([['foreign', 21]]);
  });
});
