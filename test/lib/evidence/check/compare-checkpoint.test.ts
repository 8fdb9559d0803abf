import { verifyEvidence } from '../../../../lib/evidence/check/node';
import type { EvidenceFilter } from '../../../../lib/evidence/records';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import {
  chainOf,
  encode,
  newSigner,
  noteOf,
  recordsOf,
  streamOf,
  withExport,
} from '../../../support/evidence-file';

const signer = newSigner();
const stranger = newSigner();
const vkey = signer.vkeyOf('org_acme');
const chain = chainOf(12);

const verify = (
  filter: EvidenceFilter,
  options: object,
  by: typeof signer | null = signer,
): Promise<EvidenceReport> =>
  verifyEvidence(streamOf(encode(recordsOf(withExport(chain, filter), filter, by), 'jsonl')), options);

const note = (size: number): string => noteOf(chain.slice(0, size), signer);

describe('when the checkpoint is of the same chain', () => {
  it.each([1, 5, 12])('pins the entries up to its size, %i', async (size) => {
    const report = await verify({}, { checkpoint: note(size) });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'pinned', anchoredSize: size });
    expect(report.pin).toMatchObject({ size, result: 'matches' });
    expect(report.proven.join(' ')).toContain(`Nothing up to entry ${size} was changed`);
    expect(report.notProven.join(' ')).toContain(size < 12 ? `entries ${size + 1} to 13` : 'entry 13');
  });

  it('says with a key that the later entries are signed', async () => {
    const report = await verify({}, { checkpoint: note(5), keys: [vkey] });
    expect(report).toMatchObject({ anchor: 'pinned', anchoredSize: 5 });
    expect(report.proven.join(' ')).toContain('A key that was given signed the chain');
    expect(report.notProven.join(' ')).not.toContain('Who');
  });

  it('pins an unsigned file to the unsigned checkpoint that its owner kept', async () => {
    const report = await verify({}, { checkpoint: noteOf(chain.slice(0, 5), null) }, null);
    expect(report).toMatchObject({ anchor: 'pinned', anchoredSize: 5, keys: [] });
  });

  it('pins nothing with the checkpoint of an empty tree, and does not fail', async () => {
    const empty = noteOf([], signer, 'audit.example.com/org_acme');
    expect(await verify({}, { checkpoint: empty })).toMatchObject({ anchor: 'pinned', anchoredSize: 0 });
  });
});

describe('when nothing can be compared', () => {
  it('asks for a newer export when the checkpoint is newer', async () => {
    const newer = noteOf(withExport(chain, {}, [{ ...chain[0]!, id: 'later' }]), signer);
    const report = await verify({}, { checkpoint: newer });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'self-signed' });
    expect(report.pin).toMatchObject({ size: 14, result: 'cannot tell' });
    expect(report.notProven.join(' ')).toContain('Ask for a newer export');
  });

  it('asks for an export that is split there when the size lies within an omitted subtree', async () => {
    const report = await verify({ resource: 'invite_12' }, { checkpoint: note(5), keys: [vkey] });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    expect(report.pin).toMatchObject({ size: 5, result: 'cannot tell' });
    expect(report.pin?.message).toContain(
      'Ask for an export that holds it: one with no filter, or with dates',
    );
  });

  it('compares at the edge of an omitted subtree', async () => {
    const report = await verify({ resource: 'invite_12' }, { checkpoint: note(8) });
    expect(report).toMatchObject({ anchor: 'pinned', anchoredSize: 8 });
  });
});

describe('when the checkpoint is another', () => {
  it('finds a chain that was rewritten and signed again', async () => {
    const rewritten = chainOf(12, 'org_acme', (seq) => (seq === 3 ? { actor: 'mallory' } : {}));
    const report = await verify({}, { checkpoint: noteOf(rewritten.slice(0, 5), signer), keys: [vkey] });
    expect(report).toMatchObject({ verdict: 'broken', anchor: 'none', pin: { size: 5, result: 'differs' } });
    expect(report.problems).toMatchObject([{ kind: 'rewritten', seq: null }]);
  });

  it.each([
    ['of another tenant', noteOf(chainOf(5, 'org_other'), signer), 'foreign'],
    ["by a stranger's key", noteOf(chain.slice(0, 5), stranger), 'unreadable'],
    ['unsigned', noteOf(chain.slice(0, 5), null), 'unreadable'],
  ])('refuses the file when it is %s', async (_, checkpoint, kind) => {
    for (const options of [{ checkpoint }, { checkpoint, keys: [vkey] }]) {
      const report = await verify({}, options);
      expect(report).toMatchObject({ verdict: 'broken', pin: { result: 'differs' } });
      expect(report.problems).toMatchObject([{ kind }]);
    }
  });

  it('refuses an unsigned file when it is signed', async () => {
    expect(await verify({}, { checkpoint: note(5) }, null)).toMatchObject({ verdict: 'broken' });
  });
});
