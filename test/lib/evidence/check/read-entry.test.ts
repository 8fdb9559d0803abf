import { assertEntryMembers } from '../../../../lib/evidence/check/read-entry';
import { chainOf } from '../../../support/evidence-file';

const { hash: _hash, ...entry } = chainOf(1)[0]!;

it('takes an entry with all members', () => {
  const full = {
    ...entry,
    actorType: 'user',
    actorName: 'Ann',
    onBehalfOf: 'user_2',
    resourceType: 'invite',
    resourceName: '',
    before: null,
    after: null,
    commitments: { '/metadata/a': 'ab01' },
  };
  expect(assertEntryMembers(full)).toBe(full);
});

it.each([
  ['v', 2],
  ['v', '1'],
  ['tenantId', null],
  ['id', 5],
  ['occurredAt', '2026-01-01'],
  ['recordedAt', '2026-01-01T00:00:00Z'],
  ['actor', {}],
  ['actorType', 'robot'],
  ['actorName', null],
  ['onBehalfOf', false],
  ['action', []],
  ['resource', null],
  ['outcome', 'maybe'],
  ['outcome', ['success']],
  ['prevHash', 'A'.repeat(64)],
  ['commitments', { a: 'XYZ' }],
  ['commitments', []],
  ['commitments', null],
])('refuses a member %s of %j', (name, value) => {
  expect(() => assertEntryMembers({ ...entry, [name]: value })).toThrow(`Entry 1 has no valid \`${name}\``);
});

it.each(['tenantId', 'occurredAt', 'outcome', 'prevHash', 'v'])('refuses an entry without %s', (name) => {
  const { [name]: __, ...rest } = entry as Record<string, unknown>;
  expect(() => assertEntryMembers(rest)).toThrow(`Entry 1 has no \`${name}\``);
});

it.each(['hash', '_id', 'toString', ''])('refuses the unknown member %j', (name) => {
  expect(() => assertEntryMembers({ ...entry, [name]: 'x' })).toThrow('Entry 1 has an unknown member');
});

it.each([0, 1.5, 2 ** 53, '1'])('names no entry when its place is %j', (seq) => {
  expect(() => assertEntryMembers({ ...entry, seq })).toThrow('An entry has no valid `seq`');
});
