import { AuditError, type AuditErrorCode, isAuditError } from '../../lib/errors';

describe('AuditError', () => {
  it('is an error with a code, a message and a cause', () => {
    const cause = new Error('below');
    const error = new AuditError('UNREADABLE', 'What, and how to mend it.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'AuditError',
      code: 'UNREADABLE',
      message: 'What, and how to mend it.',
      cause,
    });
    expect(String(error)).toBe('AuditError: What, and how to mend it.');
  });

  it.each<[AuditErrorCode, number | undefined]>([
    ['QUEUE_FULL', 503],
    ['STORE_UNAVAILABLE', 503],
    ['CLOSED', 503],
    ['INVALID_QUERY', 400],
    ['INVALID_EVENT', undefined],
    ['TENANT_REQUIRED', undefined],
    ['ID_CONFLICT', undefined],
    ['APPEND_ONLY', undefined],
    ['UNREADABLE', undefined],
  ])('tells Express what to answer: %s, %p', (code, status) => {
    const error = new AuditError(code, 'm');
    expect(error.status).toBe(status);
    expect('status' in error).toBe(status !== undefined);
  });

  it('names events that are not durable', () => {
    const events = [{ tenantId: 't', id: 'x' }];
    expect(new AuditError('STORE_UNAVAILABLE', 'm', { events }).events).toEqual(events);
    expect('events' in new AuditError('STORE_UNAVAILABLE', 'm')).toBe(false);
  });
});

describe('isAuditError', () => {
  it('knows those of another copy of the module', () => {
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ AuditError: typeof AuditError }>('../../lib/errors');
      const error = new copy.AuditError('CLOSED', 'm');
      expect(error).not.toBeInstanceOf(AuditError);
      expect(isAuditError(error)).toBe(true);
    });
  });

  it.each([new Error('CLOSED'), { code: 'CLOSED', name: 'AuditError' }, null, undefined, 'CLOSED', 7])(
    'is not fooled by %p',
    (value) => {
      expect(isAuditError(value)).toBe(false);
    },
  );
});

it('says once where to read on, also when one error wraps another', () => {
  const cause = new AuditError('ENTRY_ALTERED', 'Entry 3 was altered.');
  expect(cause.message).toBe('Entry 3 was altered. See docs/errors.md#entry_altered.');
  const error = new AuditError('ENTRY_ALTERED', `No checkpoint was made: ${cause.message}`, { cause });
  expect(error.message).toBe(`No checkpoint was made: ${cause.message}`);
  expect(new AuditError('QUEUE_FULL', 'Full.').message).toBe('Full.');
});
