import { sign } from 'node:crypto';
import type { CheckpointRecord, EvidenceRecord } from '../../../../lib/evidence/records';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { formatNote, parseNote, parseVerifierKey } from '../../../../lib/notes/note';
import {
  chainOf,
  encode,
  newSigner,
  recordsOf,
  type Signer,
  streamOf,
  withExport,
} from '../../../support/evidence-file';
import { sha256Bytes } from '../../../../lib/crypto/node';

const [signer, witness] = [newSigner(), newSigner()];
const key = signer.vkeyOf('org_acme');
const records = recordsOf(withExport(chainOf(3), {}), {}, signer);
const own = records.at(-1) as CheckpointRecord;
const text = parseNote(own.note).text;

const verify = (checkpoint: object, keys?: string[]): Promise<EvidenceReport> =>
  verifyEvidence(
    streamOf(
      encode([...records.slice(0, -1), { type: 'checkpoint', ...checkpoint } as EvidenceRecord], 'json'),
    ),
    { keys },
  );

const signatureBy = (
  by: Signer,
  vkey: string,
  of = text,
): ReturnType<typeof parseNote>['signatures'][number] => {
  const { name, id } = parseVerifierKey(vkey, sha256Bytes);
  return { name, id, signature: sign(null, Buffer.from(of), by.privateKey) };
};

it('takes several signatures, and any of their keys', async () => {
  const second = witness.vkeyOf('org_acme');
  const note = formatNote({ text, signatures: [signatureBy(signer, key), signatureBy(witness, second)] });
  const keys = [key, second];
  expect(await verify({ keys, note }, [second])).toMatchObject({ verdict: 'intact', anchor: 'signed', keys });
  expect(await verify({ keys: keys.toReversed(), note }, [second])).toMatchObject({ verdict: 'broken' });
});

describe('a right and a wrong signature by known keys', () => {
  const second = witness.vkeyOf('org_acme');
  const wrong = signatureBy(signer, key, 'another text\n');
  const wrongOfWitness = signatureBy(witness, second, 'another text\n');

  it.each([
    ['of one key', [signatureBy(signer, key), wrong], [key, key]],
    ['of one key, the wrong one first', [wrong, signatureBy(signer, key)], [key, key]],
    ['of two keys', [signatureBy(signer, key), wrongOfWitness], [key, second]],
    ['of two keys, one of which is not listed', [signatureBy(signer, key), wrongOfWitness], [key]],
  ])('are refused: %s', async (_, signatures, keys) => {
    const note = formatNote({ text, signatures });
    for (const given of [undefined, [key], [key, second]])
      expect(await verify({ keys, note }, given)).toMatchObject({ verdict: 'broken', anchor: 'none' });
  });

  it('are refused in the checkpoint that is compared', async () => {
    const file = encode(records, 'jsonl');
    const checkpoint = formatNote({ text, signatures: [signatureBy(signer, key), wrong] });
    const report = await verifyEvidence(streamOf(file), { keys: [key], checkpoint });
    expect(report).toMatchObject({ verdict: 'broken', pin: { result: 'differs' } });
  });
});

it('does not take the key of another name for the ledger’s', async () => {
  const other = witness.vkeyOf('org_other');
  const note = formatNote({ text, signatures: [signatureBy(witness, other)] });
  const report = await verify({ keys: [other], note }, [other]);
  expect(report.problems).toMatchObject([{ kind: 'foreign' }, { kind: 'unreadable' }]);
});

it.each<[string, object, RegExp]>([
  [
    'a signature of another text',
    { keys: [key], note: formatNote({ text, signatures: [signatureBy(signer, key, 'x')] }) },
    /Signature 1/,
  ],
  ['a key without a signature', { keys: [key], note: text }, /0 signatures and 1 keys/],
  ['a signature without a key', { keys: [], note: own.note }, /1 signatures and 0 keys/],
  ['a text that is no note', { keys: [key], note: 'x' }, /cannot be read/],
  ['a key that is none', { keys: ['x'], note: own.note }, /not a verifier key/],
  ['a checkpoint with an extension', { keys: [], note: `${text}more\n` }, /not a checkpoint/],
  ['a note with an empty text', { keys: [], note: '\n\n' }, /cannot be read/],
])('refuses %s', async (_, checkpoint, message) => {
  const report = await verify(checkpoint);
  expect(report).toMatchObject({ verdict: 'broken', anchor: 'none' });
  expect(report.problems[0]!.message).toMatch(message);
});

it('shows control characters of a file escaped', async () => {
  const report = await verify({ keys: [], note: text.replace('audit', '\u001b[31maudit') });
  expect(report.problems[0]!.message).toContain('\\u001b[31m');
});

it('finds another tree of the same size', async () => {
  const other = recordsOf(
    withExport(
      chainOf(3, 'org_acme', () => ({ actor: 'mallory' })),
      {},
    ),
    {},
    signer,
  );
  const report = await verify(other.at(-1)!, [key]);
  expect(report.problems).toMatchObject([{ kind: 'rewritten', seq: null }]);
});
