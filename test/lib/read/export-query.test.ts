import { type ExportQuery, parseExportQuery } from '../../../lib/read/export-query';
import { LOOKED, parseListQuery } from '../../../lib/read/list-query';

const parse = (query: Partial<ExportQuery>) => parseExportQuery({ tenantId: 'acme', ...query });

/** `query` as a program without types could give it. */
const parseAny = (query: unknown) => () => parseExportQuery(query as ExportQuery);

function refusal(message: RegExp): Error {
  const error: Error = expect.objectContaining({
    code: 'INVALID_QUERY',
    message: expect.stringMatching(message),
  });
  return error;
}

describe('an export of all', () => {
  it('is JSON Lines with proof, and states nothing', () => {
    expect(parse({})).toEqual({ tenantId: 'acme', format: 'jsonl', proof: true, filter: {}, stated: {} });
  });

  it('takes an explicit undefined as absent', () => {
    const query = { actor: undefined, startDate: undefined, format: undefined, exportedBy: undefined };
    expect(parse({ ...query, includeChainProof: undefined })).toEqual(parse({}));
  });
});

describe('what is stated', () => {
  it('has the names of `list`, and instants in the one form', () => {
    const query = {
      actor: 'ada',
      action: 'org.*',
      resource: 'r 1',
      outcome: 'denied' as const,
      startDate: '2026-05-01T12:00:00.1239+02:00',
      endDate: new Date(0),
    };
    expect(parse(query)).toMatchObject({
      filter: { actor: 'ada', action: { name: 'org.', prefix: true }, resource: 'r 1', outcome: 'denied' },
      stated: {
        actor: 'ada',
        action: 'org.*',
        resource: 'r 1',
        outcome: 'denied',
        from: '2026-05-01T10:00:00.123Z',
        to: '1970-01-01T00:00:00.000Z',
      },
    });
  });

  it.each([
    ['2026-05-01', '2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['9999-12-31', '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ])('takes in the whole of %s', (day, from, to) => {
    expect(parse({ startDate: day, endDate: day }).stated).toEqual({ from, to });
  });

  it('resolves dates as `list` does', () => {
    for (const date of ['2026-05-01', '2026-05-01t10:00:00z', new Date('2026-05-01')]) {
      const { from, to } = parseListQuery({ tenantId: 'acme', from: date, to: date });
      expect(parse({ startDate: date, endDate: date })).toMatchObject({ from, to });
    }
  });

  it('is the text that the database compares with: an id that entries keep with its digest', () => {
    const { filter, stated } = parse({ actor: 'a\ud800', action: '\udc00.*', resource: '\ud83d' });
    const [actor, resource] = [
      expect.stringMatching(/^a\ufffd…[0-9a-f]{64}$/),
      expect.stringMatching(/^\ufffd…[0-9a-f]{64}$/),
    ];
    expect(stated).toEqual({ actor, action: '\ufffd.*', resource });
    expect(filter).toEqual({ ...stated, action: { name: '\ufffd.', prefix: true } });
    const long = parse({ actor: 'x'.repeat(300) }).stated.actor as string;
    expect(long).toMatch(/^x{191}…[0-9a-f]{64}$/);
    expect(parse({ actor: long }).stated.actor).toBe(long);
  });

  it('keeps what looks like a command to the database or a member of all objects', () => {
    const stated = { actor: '$ne', action: '__proto__', resource: '{"$gt":""}' };
    expect(parse(stated).stated).toEqual(stated);
  });
});

describe('who exports, where no request says so', () => {
  it.each<[string, Partial<ExportQuery>, unknown]>([
    ['nobody', {}, undefined],
    ['the one named', { exportedBy: 'ada' }, 'ada'],
    ['the actor of the filter', { actor: 'bob' }, 'bob'],
    ['the one named, not the actor of the filter', { exportedBy: 'ada', actor: 'bob' }, 'ada'],
    ['nobody, when the actor of the filter can be none', { actor: '' }, undefined],
    ['anybody, whatever their name', { exportedBy: 'x'.repeat(2000) }, 'x'.repeat(2000)],
    ['a whole user', { exportedBy: { _id: 1 } }, { _id: 1 }],
    ['the actor of the filter, when the one named is null', { exportedBy: null, actor: 'bob' }, 'bob'],
  ])('is %s', (_who, query, exportedBy) => {
    expect(parse(query).exportedBy).toEqual(exportedBy);
  });
});

describe('a query that is not valid', () => {
  it.each<[string, unknown, RegExp]>([
    ['no tenant', {}, /`tenantId` is missing/],
    ['an empty tenant', { tenantId: '' }, /`tenantId` must be/],
    ['a tenant that is too long', { tenantId: 'x'.repeat(257) }, /`tenantId` must be/],
    ['a tenant with U+0000', { tenantId: 'a\0' }, /`tenantId` must be/],
    ['a tenant with a lone surrogate', { tenantId: 'a\ud800' }, /`tenantId` must be/],
    ['an object for a tenant', { tenantId: { $ne: null } }, /`tenantId` must be/],
    ['an object for an actor', { actor: { $ne: null } }, /`actor` must be a string/],
    ['a number for an action', { action: 1 }, /`action` must be a string/],
    ['an array for a resource', { resource: ['a'] }, /`resource` must be a string/],
    ['null for a resource', { resource: null }, /`resource` must be a string/],
    ['a text that no entry can hold', { resource: 'x'.repeat(1025) }, /`resource` must be .*1024/],
    ['an unknown outcome', { outcome: 'none' }, /`outcome` must be one of/],
    ['an unknown format', { format: 'xml' }, /`format` must be one of csv, json, jsonl/],
    ['a member of all objects for a format', { format: 'toString' }, /`format` must be one of/],
    ['a text for a switch', { includeChainProof: 'false' }, /`includeChainProof` must be true or false/],
    ['a day that is none', { startDate: '2026-02-30' }, /`startDate` must be/],
    ['a time without a zone', { endDate: '2026-01-01T00:00:00' }, /`endDate` must be/],
    ['an invalid Date', { endDate: new Date(NaN) }, /`endDate` must be/],
    ['a year of five digits', { endDate: new Date(8.64e15) }, /`endDate` must be/],
    ['a number for a date', { startDate: 0 }, /`startDate` must be/],
    [
      'both names of a date',
      { from: '2026-01-01', startDate: '2026-01-01' },
      /`startDate` must be left out beside `from`/,
    ],
    ['an action that is excluded', { action: '!org.read' }, /`action` must be .*does not begin with `!`/],
    ['an outcome that is excluded', { outcome: '!success' }, /`outcome` must be one of/],
    ['several actors', { actor: ['a', 'b'] }, /`actor` must be a string/],
    ...LOOKED.map((name): [string, unknown, RegExp] => [
      `the filter ${name} of \`list\``,
      { [name]: '2026-01-01' },
      new RegExp(`\`${name}\` must be left out of an export, whose file cannot prove it`),
    ]),
    ['a cursor', { cursor: 'x', limit: 1 }, /`cursor` is not known.*`limit` is not known/],
  ])('is refused with %s', (what, query, message) => {
    const whole = what === 'no tenant' ? query : { tenantId: 'acme', ...(query as object) };
    expect(parseAny(whole)).toThrow(refusal(message));
  });

  it('is refused with all that is wrong with it', () => {
    const query = { actor: 1, format: 'xml', startDate: 'x', endDate: 'y', more: 1 };
    expect(parseAny(query)).toThrow(refusal(/more.*actor.*startDate.*endDate.*format.*tenantId/));
  });

  it('does not repeat a secret', () => {
    const secret = 'Bearer abcdefghijklmnop0123456789';
    const isSecret = (text: string) => text.startsWith('Bearer ');
    for (const field of ['actor', 'action', 'resource', 'tenantId']) {
      const call = () => parseExportQuery({ tenantId: 'acme', [field]: secret }, isSecret);
      expect(call).toThrow(refusal(new RegExp(`\`${field}\` must be free of secrets`)));
      expect(call).not.toThrow(/abcdef/);
    }
  });
});
