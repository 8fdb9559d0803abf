import type { Entry } from '../../../lib/chain/entry';
import { GENESIS, link } from '../../../lib/chain/link';
import vectors from '../../vectors/chain.json';
import { sha256 } from '../../../lib/crypto/node';

const entries = vectors.entries as Entry[];

describe('link', () => {
  const { seq: _, recordedAt: __, prevHash: ___, hash: ____, ...draft } = entries[0]!;
  const now = '2026-04-01T10:00:00.000Z';

  it('rebuilds the chain of the vectors', () => {
    let head = GENESIS;
    for (const { seq, recordedAt, prevHash, hash, ...each } of entries) {
      const linked = link(each, head, recordedAt, sha256);
      expect(linked).toEqual({ ...each, seq, recordedAt, prevHash, hash });
      head = linked;
    }
  });

  it('begins a chain with 1 and 64 zeros', () => {
    expect(link(draft, GENESIS, now, sha256)).toMatchObject({
      seq: 1,
      prevHash: '0'.repeat(64),
      recordedAt: now,
    });
  });

  it('never goes back in time', () => {
    const head = { seq: 4, hash: 'ab'.repeat(32), recordedAt: '2026-04-01T10:00:00.001Z' };
    expect(link(draft, head, now, sha256)).toMatchObject({
      seq: 5,
      prevHash: head.hash,
      recordedAt: head.recordedAt,
    });
  });

  it('leaves the draft as it was', () => {
    const before = JSON.stringify(draft);
    link(draft, GENESIS, now, sha256);
    expect(JSON.stringify(draft)).toBe(before);
  });
});
