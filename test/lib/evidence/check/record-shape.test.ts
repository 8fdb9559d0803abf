import {
  subtreeLevel,
  readCheckpoint,
  readManifest,
  readOmitted,
} from '../../../../lib/evidence/check/record-shape';
import { manifestOf } from '../../../support/evidence-file';

const manifest = { ...manifestOf({ actor: 'a', from: '2026-01-01T00:00:00.000Z' }), treeSize: 3 };
const hash = '0'.repeat(64);

describe('a manifest', () => {
  it('is taken', () => expect(readManifest({ ...manifest })).toEqual(manifest));

  it.each([
    [{ format: 'express-audit-ledger/evidence/v2' }, /a format other than/],
    [{ format: 1 }, /no valid `format`/],
    [{ ledger: null }, /no valid `ledger`/],
    [{ tenantId: 5 }, /no valid `tenantId`/],
    [{ exportedAt: '2026-01-01' }, /no valid `exportedAt`/],
    [{ treeSize: 0 }, /no valid `treeSize`/],
    [{ treeSize: '3' }, /no valid `treeSize`/],
    [{ filter: [] }, /no valid `filter`/],
    [{ filter: { tenantId: 'a' } }, /filter of the manifest has an unknown member/],
    [{ filter: { constructor: 'a' } }, /unknown member/],
    [{ filter: { actor: null } }, /no valid `actor`/],
    [{ filter: { to: '2026-01-01' } }, /no valid `to`/],
    [{ hasOwnProperty: 1 }, /The manifest has an unknown member/],
  ])('is refused with %j', (change, message) => {
    expect(() => readManifest({ ...manifest, ...change })).toThrow(message);
  });
});

describe('omitted entries', () => {
  it.each([
    [1, 1, 0],
    [5, 8, 2],
    [513, 1024, 9],
    [1, 2 ** 52, 52],
  ])('%i to %i are a subtree of level %i', (first, last, level) => {
    expect(subtreeLevel(readOmitted({ type: 'omitted', first, last, hash }))).toBe(level);
  });

  it.each([
    [1, 3],
    [2, 3],
    [5, 4],
    [3, 6],
    [1, 2 ** 53 - 1],
    [1, 2 ** 50 + 1],
  ])('%i to %i are none', (first, last) => {
    expect(() => readOmitted({ type: 'omitted', first, last, hash })).toThrow('are not a subtree');
  });

  it('have numbers and a hash', () => {
    expect(() => readOmitted({ type: 'omitted', first: 0, last: 1, hash })).toThrow('no valid `first`');
    expect(() => readOmitted({ type: 'omitted', first: 1, last: 1, hash: '' })).toThrow('no valid `hash`');
  });
});

it.each([
  { keys: 'a', note: '' },
  { keys: [1], note: '' },
  { keys: [], note: null },
  { keys: [], note: '', more: 1 },
])('refuses the checkpoint %j', (members) =>
  expect(() => readCheckpoint({ type: 'checkpoint', ...members })).toThrow('The checkpoint has'),
);
