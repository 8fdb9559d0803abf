import type { Entry } from '../../../lib/chain/entry';
import type { Mark } from '../../../viewer/page/check/mark-types';
import { TrailCheck } from '../../../viewer/page/check/trail-check';
import { chainOf, hashedOf, rehashed, Signer } from './trail';

const chain = chainOf(20);
const signer = new Signer(chain);

/** A check of these entries, against a checkpoint of so many. */
function checkOf(entries: readonly Entry[], size = 15): TrailCheck {
  const check = new TrailCheck(signer.anchors());
  check.setCheckpoint({ state: 'signed', size });
  for (const entry of entries) check.add(hashedOf(entry));
  return check;
}

const replaced = (entry: Entry): Entry[] => chain.map((other) => (other.seq === entry.seq ? entry : other));
const all = chain.map(({ seq }) => seq);
const prove = (check: TrailCheck, seq: number, size = 15) =>
  check.answer(seq, { result: 'text', text: signer.proof(seq, size) });
const statesOf = (check: TrailCheck, seqs: number[]) => seqs.map((seq) => check.markOf(seq).state);
const faultsOf = (mark: Mark) => (mark.state === 'broken' ? mark.faults.map(({ kind }) => kind) : []);

describe('TrailCheck', () => {
  it('wants one proof for a run: that of its last entry under the checkpoint', () => {
    expect(checkOf(chain).wanted(all)).toEqual([{ seq: 15, id: 'id-15' }]);
    expect(checkOf(chain).wanted([4, 5])).toEqual([{ seq: 15, id: 'id-15' }]);
  });

  it('wants a proof for each run, where entries are left out', () => {
    const some = chain.filter(({ seq }) => ![6, 11].includes(seq));
    const wanted = checkOf(some).wanted(some.map(({ seq }) => seq));
    expect(wanted.map(({ seq }) => seq)).toEqual([15, 10, 5]);
  });

  it('marks all that a proven entry links back to, and nothing behind the checkpoint', () => {
    const check = checkOf(chain);
    prove(check, 15);
    expect(check.markOf(15)).toEqual({ state: 'checked', through: 15, size: 15 });
    expect(check.markOf(1)).toEqual({ state: 'checked', through: 15, size: 15 });
    expect(check.markOf(16)).toEqual({ state: 'unanchored', reason: 'later', size: 15 });
    expect(check.wanted(all)).toEqual([]);
  });

  it('marks nothing above a proven entry: anybody could have linked to it', () => {
    const check = checkOf(chain);
    prove(check, 10);
    expect(statesOf(check, [10, 11])).toEqual(['checked', 'pending']);
  });

  it('marks what is loaded later below a proven entry, whatever the order', () => {
    const check = checkOf(chain.slice(9));
    prove(check, 15);
    for (const entry of chain.slice(0, 8)) check.add(hashedOf(entry));
    expect(statesOf(check, [1, 8])).toEqual(['pending', 'pending']);
    check.add(hashedOf(chain[8]!));
    expect(statesOf(check, [1, 8, 9])).toEqual(['checked', 'checked', 'checked']);
  });

  it('knows a proof again when its entry comes back', () => {
    const check = checkOf([chain[4]!]);
    prove(check, 5);
    check.drop(5);
    expect(check.markOf(5).state).toBe('pending');
    check.add(hashedOf(chain[4]!));
    expect(check.markOf(5).state).toBe('checked');
  });

  it('finds an entry whose content is not that of its hash', () => {
    const check = checkOf(replaced({ ...chain[9]!, actor: 'mallory' }));
    prove(check, 15);
    expect(faultsOf(check.markOf(10))).toEqual(['hash']);
    expect(statesOf(check, [9, 11])).toEqual(['pending', 'checked']);
    expect(check.wanted(all)).toEqual([{ seq: 9, id: 'id-9' }]);
  });

  it('finds an entry that was altered with its hash, and blames it alone where its successor is proven', () => {
    const check = checkOf(replaced(rehashed(chain[9]!, { actor: 'mallory' })));
    expect(statesOf(check, [10, 11])).toEqual(['broken', 'broken']);
    expect(check.markOf(10)).toMatchObject({ faults: [{ kind: 'after', isProven: false }] });
    prove(check, 15);
    expect(faultsOf(check.markOf(10))).toEqual(['after']);
    expect(statesOf(check, [9, 11])).toEqual(['pending', 'checked']);
  });

  it('does not take another entry’s proof', () => {
    const check = checkOf([rehashed(chain[9]!, { actor: 'mallory' }), chain[3]!]);
    prove(check, 10);
    check.answer(4, { result: 'text', text: signer.proof(5, 15) });
    expect(faultsOf(check.markOf(10))).toEqual(['proof']);
    expect(faultsOf(check.markOf(4))).toEqual(['proof']);
  });

  it('does not take a proof whose checkpoint another key signed, or that is no proof', () => {
    const check = checkOf([chain[3]!, chain[5]!]);
    check.answer(4, { result: 'text', text: signer.proof(4, 15, new Signer(chain).note(15)) });
    check.answer(6, { result: 'text', text: '<!doctype html>' });
    expect(faultsOf(check.markOf(4))).toEqual(['proof']);
    expect(faultsOf(check.markOf(6))).toEqual(['proof']);
  });

  it('accuses no entry of what the server cannot prove, and asks no more in that part of the tree', () => {
    const check = checkOf(chain.filter(({ seq }) => seq < 8));
    check.answer(7, { result: 'refused' });
    const refused = { state: 'unanchored', reason: 'refused', size: 15 };
    expect(all.slice(0, 7).map((seq) => check.markOf(seq))).toEqual(Array(7).fill(refused));
    expect(check.wanted(all)).toEqual([]);
    check.drop(3);
    check.add(hashedOf(chain[2]!));
    expect([check.markOf(3), check.wanted(all)]).toEqual([refused, []]);
  });

  it('goes on asking in the part of the tree below what was refused', () => {
    const check = checkOf(chain.filter(({ seq }) => seq < 12));
    check.answer(11, { result: 'refused' });
    expect(check.wanted(all)).toEqual([{ seq: 8, id: 'id-8' }]);
    prove(check, 8);
    expect(statesOf(check, [11, 9, 8, 1])).toEqual(['unanchored', 'unanchored', 'checked', 'checked']);
  });

  it('asks again for what was refused when there is another tree', () => {
    const check = checkOf([chain[3]!]);
    check.answer(4, { result: 'refused' });
    check.setCheckpoint({ state: 'signed', size: 15 });
    expect(check.wanted([4])).toEqual([]);
    check.setCheckpoint({ state: 'signed', size: 20 });
    expect(check.wanted([4])).toEqual([{ seq: 4, id: 'id-4' }]);
  });

  it('finds a refused entry broken where its content or a link says so', () => {
    const check = checkOf(replaced(rehashed(chain[9]!, { actor: 'mallory' })));
    prove(check, 15);
    check.answer(10, { result: 'refused' });
    expect(check.markOf(10)).toEqual({
      state: 'broken',
      faults: [{ kind: 'after', seq: 11, isProven: true }],
    });
    expect(statesOf(check, [9, 11])).toEqual(['unanchored', 'checked']);
  });

  it('asks again for what could not be had, with the next checkpoint', () => {
    const check = checkOf([chain[3]!]);
    check.answer(4, { result: 'unreachable' });
    expect(check.markOf(4)).toEqual({ state: 'unanchored', reason: 'unreachable', size: 15 });
    expect(check.wanted([4])).toEqual([]);
    check.setCheckpoint({ state: 'signed', size: 20 });
    expect(check.wanted([4])).toEqual([{ seq: 4, id: 'id-4' }]);
  });

  it('says why nothing is anchored', () => {
    const check = checkOf([chain[3]!]);
    check.setCheckpoint({ state: 'absent', reason: 'permission' });
    expect(check.markOf(4)).toEqual({ state: 'unanchored', reason: 'permission', size: 0 });
    check.setCheckpoint({ state: 'forged' });
    expect(faultsOf(check.markOf(4))).toEqual(['note']);
  });

  it('finds an entry of another trail, and what has no hash at all', () => {
    const foreign = rehashed(chain[3]!, { tenantId: 'other' });
    const lone = { ...chain[5]!, actor: '\ud800' };
    const check = checkOf([foreign, lone]);
    expect(faultsOf(check.markOf(4))).toEqual(['tenant']);
    expect(faultsOf(check.markOf(6))).toEqual(['hash']);
  });
});

describe('Anchors', () => {
  it('opens the checkpoint of its trail alone', () => {
    const anchors = signer.anchors();
    expect(anchors.open(signer.note(15))?.size).toBe(15);
    expect(anchors.open(signer.note(15, 'audit.example.com/other'))).toBeNull();
    expect(anchors.open(new Signer(chain).note(15))).toBeNull();
    expect(anchors.open(signer.note(15).replace('\n15\n', '\n14\n'))).toBeNull();
    expect(anchors.open('')).toBeNull();
  });

  it('takes no second root for a size', () => {
    const other = new Signer(chainOf(15).map((entry) => rehashed(entry, { actor: 'bob' })));
    Object.assign(other, { key: (signer as unknown as { key: unknown }).key });
    const anchors = signer.anchors();
    expect(anchors.open(signer.note(15))).not.toBeNull();
    expect(anchors.open(other.note(15))).toBeNull();
  });

  it('opens nothing with what is no key', () => {
    expect(signer.anchors('nonsense').open(signer.note(15))).toBeNull();
  });
});
