import { isAuditError } from '../../lib/errors';
import { parseOptions } from '../../lib/options';

const refusal = (options: unknown): string => {
  try {
    parseOptions(options as never);
  } catch (error) {
    if (isAuditError(error) && error.code === 'INVALID_OPTIONS') return error.message;
    throw error;
  }
  throw new Error('it was let through');
};

describe('parseOptions', () => {
  it('has defaults', () => {
    expect(parseOptions({})).toMatchObject({
      defaultTenant: undefined,
      actions: undefined,
      logger: console,
      limits: { valueBytes: 65_536, queueEvents: 10_000, queueBytes: 64 * 1024 * 1024, batch: 1_000 },
    });
  });

  it('takes an explicit undefined for absent', () => {
    const nothing = {
      defaultTenant: undefined,
      actions: undefined,
      redact: undefined,
      limits: undefined,
      logger: undefined,
    };
    expect(parseOptions({ ...nothing, other: undefined } as never)).toEqual(parseOptions({}));
    expect(parseOptions({ limits: { batch: undefined } } as never).limits.batch).toBe(1_000);
  });

  it('keeps the actions as they were', () => {
    const actions = ['a'];
    const parsed = parseOptions({ actions });
    actions.push('b');
    expect(parsed.actions).toEqual(['a']);
  });

  it('names every bad option at once', () => {
    const message = refusal({
      ...{
        defaultTenant: '',
        actions: ['a', 7],
        redact: { names: 'x', values: ['x'], replace: 'x', name: 1 },
      },
      ...{ limits: { batch: 0, queueEvents: 1.5, size: 3 }, logger: { warn: 1 }, singingKey: 'x' },
    });
    for (const option of [
      ...[
        'defaultTenant',
        'actions',
        'redact.names',
        'redact.values',
        'redact.replace',
        'redact.name',
        'limits.batch',
      ],
      ...['limits.queueEvents', 'limits.size', 'logger', 'singingKey'],
    ]) {
      expect(message).toContain(`\`${option}\``);
    }
  });

  it.each(['system', '', 'x'.repeat(257), 7, null])('refuses the default tenant %p', (defaultTenant) => {
    expect(refusal({ defaultTenant })).toContain('`defaultTenant`');
  });

  it.each([[null], ['x'], [[]]])('refuses %p as an object of options', (value) => {
    expect(refusal({ redact: value })).toContain('`redact`');
    expect(refusal({ limits: value })).toContain('`limits`');
  });

  it.each([0, -1, 1.5, NaN, Infinity, '10', null, 2 ** 53])('refuses the limit %p', (limit) => {
    for (const name of ['valueBytes', 'queueEvents', 'queueBytes', 'batch']) {
      expect(refusal({ limits: { [name]: limit } })).toContain(`\`limits.${name}\``);
    }
  });

  it.each([{ defaultTenant: '\ud800' }, { defaultTenant: 'a\0' }])(
    'refuses a default tenant that every event would be refused for: %j',
    (options) => {
      expect(refusal(options)).toContain('`defaultTenant`');
    },
  );

  it.each([{ logger: null }, { logger: 7 }, { logger: {} }])(
    'refuses with an error of ours: %j',
    (options) => {
      expect(() => parseOptions(options as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS' }),
      );
    },
  );

  it('takes a prefix of collections that is a name everywhere', () => {
    expect(parseOptions({}).collections).toBe('audit');
    for (const collections of ['a', 'Trail_2', 'x'.repeat(64)])
      expect(parseOptions({ collections }).collections).toBe(collections);
  });

  it.each(['', '1st', '_a', 'a.b', 'a-b', 'a$', 'a\0', 'system.x', 'é', 'x'.repeat(65), 7, null, {}, ['a']])(
    'refuses the prefix of collections %p',
    (collections) => {
      expect(refusal({ collections })).toContain('`collections`');
    },
  );

  it('refuses a limit of values that no document could hold', () => {
    expect(refusal({ limits: { valueBytes: 524_289 } })).toContain('a whole number from 1 to 524288');
    expect(parseOptions({ limits: { valueBytes: 524_288 } }).limits.valueBytes).toBe(524_288);
  });
});

it('refuses names of what an entry needs as it is, and takes any other', () => {
  const taking = (names: string[]) => parseOptions({ redact: { names } });
  for (const name of ['action', 'tenantId', 'occurredAt'])
    expect(() => taking(['pet', name])).toThrow(`without what each entry needs as it is, got "${name}"`);
  expect(() => taking(['actor', 'ipAddress', 'hash', 'filter', 'ledger'])).not.toThrow();
});

describe('options of a spool, a key and checkpoints', () => {
  it.each([
    [{ spool: 'x' }, 'spool'],
    [{ spool: { directory: '' } }, 'spool.directory'],
    [{ spool: { directory: 'a\0b' } }, 'spool.directory'],
    [{ spool: { directory: 7 } }, 'spool.directory'],
    [{ spool: { directory: '/s', fsync: 1 } }, 'spool.fsync'],
    [{ ledger: 'No Name' }, 'ledger'],
    [{ ledger: 'a'.repeat(257) }, 'ledger'],
    [{ ledger: 7 }, 'ledger'],
    [{ ledger: 'a.example', signingKey: 'x' }, 'signingKey'],
    [{ checkpoints: 7 }, 'checkpoints'],
    [{ checkpoints: { everyEntries: 0 } }, 'checkpoints.everyEntries'],
    [{ checkpoints: { everyEntries: '5' } }, 'checkpoints.everyEntries'],
    [{ checkpoints: { everySeconds: 0 } }, 'checkpoints.everySeconds'],
    [{ checkpoints: { everySeconds: 1e9 } }, 'checkpoints.everySeconds'],
    [{ checkpoints: { everySeconds: '5' } }, 'checkpoints.everySeconds'],
    [{ checkpoints: { file: '' } }, 'checkpoints.file'],
    [{ checkpoints: { file: 'a\0b' } }, 'checkpoints.file'],
    [{ checkpoints: { onCheckpoint: 'f' } }, 'checkpoints.onCheckpoint'],
    [{ checkpoints: { other: 1 } }, 'checkpoints.other'],
  ])('refuses %j by its name', (options, name) => {
    expect(refusal(options)).toContain(`\`${name}\``);
  });

  it.each([
    ['nothing', ''],
    ['blanks and line breaks', ' \r\n\t'],
    ['escaped line breaks', '\\n'],
    ['escaped line breaks of Windows, and blanks', ' \\r\\n '],
    ['quotes of an env file', '""'],
    ['single quotes around a line break', "'\\n'"],
    ['the base64 of an empty file', Buffer.from('').toString('base64')],
  ])('says once that a key is empty which a variable gave as %s', (_, signingKey) => {
    const said = refusal({ ledger: 'a.example', signingKey });
    expect(said).toContain('an empty text (is its variable set?)');
    expect(said.match(/`signingKey`/g)).toHaveLength(1);
  });

  it.each([
    [
      'a PEM with escaped line breaks and no key in it',
      '-----BEGIN PRIVATE KEY-----\\n-----END PRIVATE KEY-----\\n',
    ],
    [
      'the base64 of such a PEM',
      Buffer.from('-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----').toString('base64'),
    ],
    ['the name of a variable that was not filled in', '${AUDIT_KEY}'],
  ])('does not call empty what is %s', (_, signingKey) => {
    expect(refusal({ ledger: 'a.example', signingKey })).toContain('got something else');
  });

  it('keeps no key in what it says of one', () => {
    const signingKey = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    expect(refusal({ ledger: 'a.example', signingKey })).not.toContain('c2VjcmV0');
  });
});
