import {
  CommandError,
  errorForSqlState,
  errorReply,
  isPostgresAnswer,
  unpackSqlState,
  writeConflict,
} from './errors';

describe('unpackSqlState', () => {
  it.each([
    [319029277, 'M001C'],
    [16777220, '40001'],
    [16908292, '40P01'],
    [2600, 'XX000'],
  ])('finds in %d %s', (code, state) => expect(unpackSqlState(code)).toBe(state));

  it("leaves MongoDB's own codes alone", () => expect(unpackSqlState(11000)).toBeUndefined());
});

describe('errorForSqlState', () => {
  it.each([
    ['M001C', 11000, 'DuplicateKey'],
    ['23505', 11000, 'DuplicateKey'],
    ['23P01', 11000, 'DuplicateKey'],
    ['40001', 112, 'WriteConflict'],
    ['40P01', 112, 'WriteConflict'],
    ['55P03', 112, 'WriteConflict'],
    ['M0008', 26, 'NamespaceNotFound'],
    ['XX000', 1, 'InternalError'],
  ])('%s is %d %s', (state, code, codeName) => {
    expect(errorForSqlState(state, 'why')).toMatchObject({ code, codeName });
  });
});

describe('isPostgresAnswer', () => {
  const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

  it('is true of an error in a statement', () => expect(isPostgresAnswer(withCode('23505'))).toBe(true));
  it.each(['57P01', '57P03', '08006', 'ECONNREFUSED'])('is false of %s: PostgreSQL is away', (code) => {
    expect(isPostgresAnswer(withCode(code))).toBe(false);
  });
});

describe('errorReply', () => {
  it('labels a conflict inside a transaction alone', () => {
    expect(errorReply(writeConflict(), true)['errorLabels']).toEqual(['TransientTransactionError']);
    expect(errorReply(writeConflict(), false)).not.toHaveProperty('errorLabels');
    expect(errorReply(new CommandError(11000, 'DuplicateKey', 'no'), true)).not.toHaveProperty('errorLabels');
  });
});
