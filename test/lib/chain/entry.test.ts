import { createHash } from 'node:crypto';
import { canonicalize } from '../../../lib/chain/canonical';
import { documentId, type Entry, entryHash, toReceipt } from '../../../lib/chain/entry';
import vectors from '../../vectors/chain.json';
import { sha256 } from '../../../lib/crypto/node';

const entries = vectors.entries as Entry[];

describe('entryHash', () => {
  it.each(entries.map((entry) => [entry.seq, entry] as const))('gives the hash of vector %i', (_, entry) => {
    expect(entryHash(entry, sha256)).toBe(entry.hash);
  });

  it('is SHA-256 of a zero byte and the canonical text', () => {
    const bytes = Buffer.concat([Buffer.from([0]), Buffer.from(vectors.preimageOfFirst)]);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(entries[0]!.hash);
  });

  it('does not depend on the member `hash`, nor on the order of members', () => {
    const { hash, ...rest } = entries[1]!;
    expect(entryHash(rest, sha256)).toBe(hash);
    expect(entryHash({ ...rest, hash: 'other' }, sha256)).toBe(hash);
    expect(entryHash(Object.fromEntries(Object.entries(rest).reverse()) as never, sha256)).toBe(hash);
  });

  it.each(Object.keys(entries[6]!).filter((name) => name !== 'hash'))('depends on %s', (name) => {
    const entry = { ...entries[6]!, [name]: name === 'seq' || name === 'v' ? 99 : 'other' };
    expect(entryHash(entry, sha256)).not.toBe(entries[6]!.hash);
  });

  it('depends on members that no entry has, and on those alone that are its own', () => {
    const { hash, ...entry } = entries[1]!;
    const extended = { ...entry, zone: 'x', aside: null };
    expect(entryHash(extended, sha256)).toBe(sha256('\0' + canonicalize(extended as never)));
    expect(entryHash(Object.setPrototypeOf({ ...entry }, { via: 'x' }) as never, sha256)).toBe(hash);
    expect(() => entryHash({ ...entry, via: undefined as never }, sha256)).toThrow('undefined');
  });

  it('depends on members within members', () => {
    const entry = entries[1]!;
    const metadata = { ...(entry.metadata as object), hash: 'x' };
    expect(entryHash({ ...entry, metadata }, sha256)).not.toBe(entry.hash);
  });
});

describe('documentId', () => {
  it('keeps tenants apart, whatever they and the ids hold', () => {
    const names: [string, string][] = [
      ...([
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['a%3Ab', 'c'],
        ['', ':a'],
        ['', 'a'],
        [':', 'a'],
      ] as [string, string][]),
    ];
    expect(new Set(names.map(([tenantId, id]) => documentId(tenantId, id))).size).toBe(names.length);
    expect(documentId('a b/é', 'x')).toBe('a%20b%2F%C3%A9:x');
  });
});

describe('receiptOf', () => {
  it('names the place of an entry and nothing else', () => {
    const { id, tenantId, seq, hash, recordedAt } = entries[3]!;
    expect(toReceipt(entries[3]!)).toEqual({ id, tenantId, seq, hash, recordedAt });
  });
});
