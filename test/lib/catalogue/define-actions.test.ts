import { commonActions, compareWithStandards, createAudit, defineActions } from '../../../index';
import { standardsToMarkdown } from '../../../lib/catalogue/standards';
import { createTestAudit } from '../../../testing';

const actions = defineActions({
  ...commonActions,
  'org.member.invite': {
    title: { en: 'Invited a member', de: 'Mitglied eingeladen' },
    description: 'An | invitation',
    resource: 'invitation',
    metadata: { role: ['admin', 'member'], 'note?': 'string' },
    covers: ['account.create'],
  },
  'invoice.send': {
    title: 'Sent an invoice',
    metadata: ({ total }) => (Number(total) > 0 ? null : 'no total'),
  },
  'invoice.void': {
    title: 'Voided an invoice',
    metadata: {
      '~standard': {
        validate: (value: unknown) =>
          'why' in Object(value) ? { value } : { issues: [{ message: 'say why' }] },
      },
    },
  },
});

it('names are those of the type, and others are refused', async () => {
  const audit = createTestAudit({ actions, defaultTenant: 't' });
  // @ts-expect-error -- no action of the catalogue
  await expect(audit.event({ action: 'org.member.invited' })).rejects.toMatchObject({
    code: 'INVALID_EVENT',
  });
  await audit.event({ action: 'invoice.send', metadata: { total: 5 } });
  expect(audit.entries).toHaveLength(1);
});

it.each([
  ['org.member.invite', { role: 'admin' }, null],
  ['org.member.invite', { role: 'owner' }, /`role` must be one of admin, member/],
  ['org.member.invite', { role: 'admin', note: 5 }, /`note` must be of the kind string/],
  ['org.member.invite', { role: 'admin', other: 5 }, /`other` is not in its catalogue/],
  ['org.member.invite', undefined, /`role` is missing/],
  ['invoice.send', {}, /no total/],
  ['invoice.void', {}, /say why/],
  ['invoice.void', { why: 'x' }, null],
  ['auth.login', { any: 'thing' }, null],
] as const)('metadata of %s is checked: %j', async (action, metadata, message) => {
  const audit = createTestAudit({ actions, defaultTenant: 't' });
  const recorded = audit.event({ action, metadata });
  if (message === null) await recorded;
  else await expect(recorded).rejects.toThrow(message);
  expect(audit.entries).toHaveLength(message === null ? 1 : 0);
});

it('what a user may have sent is recorded outside of tests, and reported', async () => {
  const { memoryLedger } = jest.requireActual<typeof import('../../support/memory-ledger')>(
    '../../support/memory-ledger',
  );
  const { audit, errors } = memoryLedger({ actions, defaultTenant: 't' });
  const { seq } = await audit.event({ action: 'org.member.invite', metadata: { role: 'owner' } });
  expect(seq).toBe(1);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/`role` must be one of.*recorded all the same/),
  ]);
});

it('the catalogue is a table, and JSON, in a language', () => {
  expect(actions.describe('de').find(({ name }) => name === 'org.member.invite')).toEqual({
    name: 'org.member.invite',
    title: 'Mitglied eingeladen',
    description: 'An | invitation',
    resource: 'invitation',
    metadata: { role: ['admin', 'member'], 'note?': 'string' },
    covers: ['account.create'],
  });
  expect(actions.describe('fr-CA')[0]!.title).toBe('Signed in');
  expect(actions.toMarkdown()).toContain(
    '| `org.member.invite` | Invited a member | An \\| invitation | invitation |',
  );
  expect(JSON.parse(JSON.stringify(actions))).toEqual([...actions]);
});

it('standards are held against the catalogue and the trail', () => {
  const rows = compareWithStandards(actions.definitions, ['auth.login', 'ledger.started']);
  const row = (clause: string) => rows.find((one) => one.clause === clause)!;
  expect(row('10.2.1.5')).toMatchObject({ missing: [], standard: 'PCI DSS 4.0.1' });
  expect(row('A.8.5').seen).toEqual(['auth.login']);
  expect(row('10.2.1.6').actions).toContain('ledger.started');
  expect(rows.flatMap(({ missing }) => missing)).toEqual([]);
  const bare = compareWithStandards(defineActions({ 'a.b': { title: 'A' } }).definitions);
  expect(bare.find(({ clause }) => clause === '10.2.1.2')).toMatchObject({
    seen: null,
    missing: ['admin.action', 'settings.change'],
  });
  expect(standardsToMarkdown(bare)).toMatch(/PCI DSS 4.0.1 \| 10.2.1.2 .*\*\*What administrators do/);
});

it.each([
  [{ a: {} }, /`a.title` must be a text/],
  [{ a: { title: 'A', meta: 1 } }, /`a.meta` is not known/],
  [
    { a: { title: 'A', metadata: { x: 'text' } } },
    /`a.metadata` must be rules such as 'string'.*not that of x/,
  ],
  [{ a: { title: 'A', covers: ['x'] } }, /`a.covers` must be an array of auth.login/],
  [[], /must be an object of definitions/],
])('definitions that are wrong are refused: %j', (definitions, message) => {
  expect(() => defineActions(definitions as never)).toThrow(message);
});

it('createAudit takes it as its actions', () => {
  expect(() => createAudit({ actions, connection: {} as never })).toThrow(/`connection` must be/);
});
