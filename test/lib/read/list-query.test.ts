import { AuditError } from '../../../lib/errors';
import { formatCursor } from '../../../lib/read/cursor';
import { LOOKED, parseListQuery } from '../../../lib/read/list-query';

const parse = (more: object): unknown => parseListQuery({ tenantId: 't', ...more });

function refusal(query: object): string {
  try {
    parseListQuery(query as never);
  } catch (error) {
    if (error instanceof AuditError && error.code === 'INVALID_QUERY') return error.message;
    throw error;
  }
  throw new Error('it was let through');
}

describe('parseListQuery', () => {
  it('has defaults', () => {
    expect(parse({})).toEqual({ tenantId: 't', limit: 100, order: 'desc' });
  });

  it('takes an explicit undefined for absent', () => {
    const nothing = Object.fromEntries(
      ['limit', 'cursor', 'order', 'actor', 'action', 'resource', 'outcome', 'from', 'to', 'other'].map(
        (name) => [name, undefined],
      ),
    );
    expect(parse(nothing)).toEqual({ tenantId: 't', limit: 100, order: 'desc' });
  });

  it('reads all parameters', () => {
    const query = { limit: 7, order: 'asc', actor: 'a', action: 'org.*', resource: 'r', outcome: 'denied' };
    const times = { cursor: formatCursor(9, 'asc'), from: new Date(5), to: '1970-01-01T00:00:01Z' };
    expect(parse({ ...query, ...times })).toEqual({
      ...{ ...query, tenantId: 't', action: { name: 'org.', prefix: true } },
      ...{ after: 9, from: 5, to: 1000 },
    });
  });

  it.each([
    ['org.member', false, 'org.member'],
    ['*', true, ''],
    ['org*', true, 'org'],
    ['o*g', false, 'o*g'],
    ['', false, ''],
  ])('reads the action %p', (action, prefix, name) => {
    expect(parse({ action })).toMatchObject({ action: { name, prefix } });
  });

  const COMMANDS: unknown[] = [
    { $ne: null },
    { $gt: '' },
    ['t', { $ne: null }],
    [['t']],
    [],
    new Array(21).fill('t'),
    null,
    7,
    true,
    new RegExp('.'),
    { toString: () => 't' },
    new String('t'),
  ];

  it.each(['tenantId', 'actor', 'action', 'resource', 'outcome', 'order', 'cursor'])(
    'lets nothing but strings through as %s',
    (field) => {
      for (const value of COMMANDS)
        expect(refusal({ tenantId: 't', [field]: value })).toContain(`\`${field}\``);
    },
  );

  it.each([...LOOKED.filter((name) => !/^(text|occurred)/.test(name))])(
    'lets nothing but strings and lists of them through as %s',
    (field) => {
      for (const value of COMMANDS)
        expect(refusal({ tenantId: 't', [field]: value })).toContain(`\`${field}\``);
    },
  );

  it('reads several values, and what is excluded', () => {
    expect(
      parse({
        actor: ['a', 'b'],
        action: ['org.*', '!org.read', '!bot.*'],
        outcome: '!success',
        resourceType: ['invoice', '!file'],
        notActor: '!robot',
      }),
    ).toEqual({
      ...{ tenantId: 't', limit: 100, order: 'desc', actor: ['a', 'b'] },
      action: [{ name: 'org.', prefix: true }],
      conditions: {
        notActor: ['!robot'],
        notAction: [
          { name: 'org.read', prefix: false },
          { name: 'bot.', prefix: true },
        ],
        ...{ notOutcome: ['success'], resourceType: ['invoice'], notResourceType: ['file'] },
      },
    });
  });

  it.each(['actor', 'resource', 'onBehalfOf', 'ipAddress', 'requestId'])(
    'takes an exclamation mark in %s for a part of the id: users choose some of these',
    (field) => expect(JSON.stringify(parse({ [field]: '!ada' }))).toContain('"!ada"'),
  );

  it('reads dates by either of their names, and refuses both', () => {
    expect(parse({ startDate: '2026-11-21', endDate: '2026-11-21' })).toEqual(
      parse({ from: '2026-11-21', to: '2026-11-21' }),
    );
    const message = refusal({
      tenantId: 't',
      from: '2026-11-21',
      startDate: '2026-11-21',
      to: '',
      endDate: '',
    });
    for (const name of ['startDate', 'endDate']) expect(message).toContain(`\`${name}\` must be left out`);
  });

  it('reads words in any case, each once', () => {
    expect(parse({ text: '  Ada  ÜBER ada' })).toMatchObject({ conditions: { words: ['ada', 'über'] } });
    for (const text of ['', '  ', 'x'.repeat(201), 7, ['a'], { $regex: 'a' }])
      expect(refusal({ tenantId: 't', text })).toContain('`text`');
  });

  it('refuses a tenant that the database would take for another', () => {
    expect(refusal({ tenantId: '\ud800' })).toContain('`tenantId`');
  });

  it.each([0, -1, 1001, 1.5, NaN, Infinity, '10', null, {}])('refuses the limit %p', (limit) => {
    expect(refusal({ tenantId: 't', limit })).toMatch(/`limit` must be a whole number from 1 to 1000/);
  });

  it.each([1, 1000])('takes the limit %p', (limit) => {
    expect(parse({ limit })).toMatchObject({ limit });
  });

  it('refuses a cursor of the other order, and of none', () => {
    expect(refusal({ tenantId: 't', cursor: formatCursor(5, 'asc') })).toMatch(
      /`cursor` must be the `nextCursor`/,
    );
    expect(refusal({ tenantId: 't', order: 'asc', cursor: formatCursor(5, 'desc') })).toContain('`cursor`');
    expect(refusal({ tenantId: 't', cursor: 'x' })).toContain('`cursor`');
    expect(refusal({ tenantId: 't', cursor: '' })).toContain('`cursor`');
  });

  it('refuses what it does not know, by name', () => {
    expect(refusal({ tenantId: 't', tenant: 'u', $where: '1' })).toMatch(
      /`tenant` is not known.*`\$where` is not known/,
    );
  });

  it('names all that is wrong at once', () => {
    const message = refusal({ limit: 0, order: 'up', outcome: 'ok', from: 'x', to: 'y', sort: 1 });
    for (const field of ['tenantId', 'limit', 'order', 'outcome', 'from', 'to', 'sort']) {
      expect(message).toContain(`\`${field}\``);
    }
  });

  describe('from and to', () => {
    const DAY_START = Date.parse('2026-11-21T00:00:00.000Z');

    it('are the start and the end of a UTC day given alone', () => {
      expect(parse({ from: '2026-11-21', to: '2026-11-21' })).toMatchObject({
        from: DAY_START,
        to: DAY_START + 86_400_000,
      });
    });

    it.each(['2024-02-28', '2024-02-29', '2026-12-31', '0000-01-01'])('end with the day: %s', (to) => {
      expect(parse({ to })).toMatchObject({ to: Date.parse(`${to}T23:59:59.999Z`) + 1 });
    });

    it('may be the last day of all', () => {
      expect(parse({ to: '9999-12-31' })).toMatchObject({ to: Date.parse('9999-12-31T23:59:59.999Z') });
    });

    it.each([new Date(DAY_START), '2026-11-21T00:00:00Z', '2026-11-21T01:00:00+01:00'])(
      'are instants: %p',
      (instant) => {
        expect(parse({ from: instant, to: instant })).toMatchObject({ from: DAY_START, to: DAY_START });
      },
    );

    it('may be the beginning of time', () => {
      expect(parse({ from: new Date(0), to: new Date(0) })).toMatchObject({ from: 0, to: 0 });
    });

    it.each([
      ...['2026-02-30', '2026-11', '2026-11-21T00:00:00', '21.11.2026', '', 'today', '10000-01-01'],
      ...[0, DAY_START, null, {}, { $gte: 1 }, [], new Date(NaN), new Date(8.64e15)],
    ])('are not %p', (value) => {
      expect(refusal({ tenantId: 't', from: value })).toContain('`from`');
      expect(refusal({ tenantId: 't', to: value })).toContain('`to`');
    });
  });
});
