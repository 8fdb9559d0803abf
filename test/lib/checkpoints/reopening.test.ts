import { type Draft, type Entry, entryHash } from '../../../lib/chain/entry';
import type { JsonObject } from '../../../lib/chain/json';
import { GENESIS, link } from '../../../lib/chain/link';
import {
  describeReopening,
  readReopening,
  Reopenings,
  REOPENED_ACTION,
  type ReopeningStatement,
  signReopening,
} from '../../../lib/checkpoints/reopening';
import { AlterableStore } from '../../support/alterable-store';
import { SigningKey } from '../../../lib/checkpoints/signing-key';
import { sha256, sha256Bytes } from '../../../lib/crypto/node';
import { parseVerifierKey } from '../../../lib/notes/note';
import { toDocument } from '../../../models/store/write-document';
import { LEDGER, newKey, vkeyOf } from '../../support/signing';

const ORIGIN = `${LEDGER}/t`;
const ROOT = 'ab'.repeat(32);
const key = newKey();
const KEYS = [parseVerifierKey(vkeyOf(key, 't'), sha256Bytes)];

const STATEMENT: ReopeningStatement = {
  tenantId: 't',
  reason: 'restored a backup',
  found: 'Entries were missing.',
  from: { size: 6 },
  to: { size: 4, hash: 'cd'.repeat(32), root: ROOT },
  setAside: { documents: 0, name: 'x', sha256: sha256('') },
  void: [{ size: 6, root: ROOT }],
};

function entryWith(metadata: unknown): Entry {
  const draft: Draft = {
    v: 1,
    tenantId: 't',
    id: 'reopened',
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: 'ann',
    action: REOPENED_ACTION,
    outcome: 'success',
    metadata: metadata as JsonObject,
  };
  return link(draft, GENESIS, '2026-01-01T00:00:00.000Z', sha256);
}

const signed = (statement = STATEMENT, by: SigningKey | null = SigningKey.from(key)) =>
  signReopening(statement, ORIGIN, by).metadata;
const read = (metadata: unknown, keys = KEYS) => readReopening(entryWith(metadata), 't', ORIGIN, keys);

describe('the record of a chain that was opened again', () => {
  it('is worth what its signature is', () => {
    expect(read(signed())).toMatchObject({ ...STATEMENT, anchor: 'signed', seq: 1, by: 'ann' });
    expect(read(signed(), [])).toMatchObject({ anchor: 'self-signed' });
    expect(read(signed(STATEMENT, SigningKey.from(newKey())))).toMatchObject({ anchor: 'self-signed' });
    expect(read(signed(STATEMENT, null))).toMatchObject({ anchor: 'unsigned' });
  });

  it.each<[string, (metadata: JsonObject) => unknown]>([
    ['no object', () => 'text'],
    ['without its note', ({ note: _, ...rest }) => rest],
    ['with a note of another type', (metadata) => ({ ...metadata, note: 5 })],
    ['with a note that is none', (metadata) => ({ ...metadata, note: 'junk' })],
    ['with another reason', (metadata) => ({ ...metadata, reason: 'nothing to see' })],
    ['with more', (metadata) => ({ ...metadata, more: true })],
    ['of which the keys are no list, by a stranger', () => ({ ...signedByStranger(), keys: 'key' })],
    ['of which the keys are no texts, by a stranger', () => ({ ...signedByStranger(), keys: [5] })],
    ['of which the first key is none, by a stranger', () => ({ ...signedByStranger(), keys: ['key'] })],
  ])('is none: %s', (_, spoil) => {
    expect(read(spoil(signed()))).toBeNull();
  });

  const signedByStranger = () => signed(STATEMENT, SigningKey.from(newKey()));

  it.each<[string, object]>([
    ['of another tenant', { tenantId: 'u' }],
    ['without words', { reason: 5 }],
    ['that found nothing in words', { found: null }],
    ['without where the end was', { from: 6 }],
    ['with half an end', { from: { size: 1.5 } }],
    ['that goes on nowhere', { to: { size: 4 } }],
    ['that goes on at half an entry', { to: { ...STATEMENT.to, size: 4.5 } }],
    ['that does not say what was set aside', { setAside: null }],
    ['that set aside half a document', { setAside: { ...STATEMENT.setAside, documents: 0.5 } }],
    ['that set it aside under no name', { setAside: { documents: 0 } }],
    ['without what is void', { void: 'all' }],
    ['in which what is void has no root', { void: [{ size: 6 }] }],
  ])('is none, however well it is signed: %s', (_, change) => {
    const statement = { ...STATEMENT, ...change };
    const { to } = statement as { to?: { root?: string } };
    const whole = to?.root === undefined ? { ...statement, to: STATEMENT.to } : statement;
    const metadata = signed(whole);
    expect(read({ ...metadata, ...change })).toBeNull();
  });

  it('is none of another ledger, and none whose entry was altered', () => {
    expect(readReopening(entryWith(signed()), 't', `${LEDGER}.example/t`, KEYS)).toBeNull();
    const altered = { ...entryWith(signed()), actor: 'eve' };
    expect(readReopening(altered, 't', ORIGIN, KEYS)).toBeNull();
    expect(readReopening({ ...altered, hash: entryHash(altered, sha256) }, 't', ORIGIN, KEYS)).toMatchObject({
      by: 'eve', // who wrote the entry is what the chain says, as of any
    });
  });

  it('is described in words, with what it is worth', () => {
    const words = (metadata: unknown, keys = KEYS) => describeReopening(read(metadata, keys)!);
    expect(words(signed())).toMatch(
      /^The chain was opened again behind entry 4 at .* by "ann": "restored a backup"\. /,
    );
    expect(words(signed(), [])).toContain('by a key that only the database vouches for');
    expect(words(signed(STATEMENT, null))).toContain('which nobody signed');
    const long = signed({ ...STATEMENT, reason: 'x'.repeat(1000), found: 'y'.repeat(5000) });
    expect(words(long).length).toBeLessThan(1200);
  });
});

describe('the reopenings of a chain', () => {
  /** A chain that was opened again, behind which somebody has added what says so, too. */
  async function behind(count: number, metadataOf: (n: number) => unknown) {
    const store = new AlterableStore();
    let last = GENESIS;
    const add = (metadata: unknown, n: number) => {
      const { seq: _, hash: __, prevHash: ___, recordedAt, ...draft } = entryWith(metadata);
      const entry = link({ ...draft, id: `reopened-${n}` }, last, recordedAt, sha256);
      last = entry;
      store.plant(toDocument(entry));
    };
    add(signed(), 0);
    for (let n = 1; n <= count; n++) add(metadataOf(n), n);
    return Reopenings.read('t', ORIGIN, KEYS, store);
  }
  const ownBy = (n: number) =>
    signed({ ...STATEMENT, reason: `${n}`, to: { ...STATEMENT.to, size: n } }, null);
  const isVoid = (reopenings: Reopenings) =>
    reopenings.isVoid({ size: 6, root: Buffer.from(ROOT, 'hex') }, 'signed');

  it('are found behind what is none, however much of that there is', async () => {
    const reopenings = await behind(1_000, () => ({ note: 'junk' }));
    expect(reopenings.list).toMatchObject([{ anchor: 'signed', seq: 1 }]);
    expect(isVoid(reopenings)).toBe(true);
  });

  it('are told without hiding one that was signed behind those that were not', async () => {
    const reopenings = await behind(300, ownBy);
    expect(reopenings.list).toHaveLength(100);
    expect(reopenings.list.at(-1)).toMatchObject({ anchor: 'signed', seq: 1 });
    expect(reopenings.list[0]).toMatchObject({ anchor: 'unsigned', seq: 301 });
    expect(isVoid(reopenings)).toBe(true);
  });
});
