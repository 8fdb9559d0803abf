import { tryDecode, parseTarget } from '../../../middleware/http/request-target';

describe('targetOf', () => {
  it.each([
    ['/a/b', '/a/b', ''],
    ['/a?b=1', '/a', 'b=1'],
    ['/a?b=1?c', '/a', 'b=1?c'],
    ['/a?', '/a', ''],
    ['/report.csv#x', '/report.csv', ''],
    ['/a?format=export#?y', '/a', 'format=export'],
    ['http://user:password@example.com/a?b', '/a', 'b'],
    ['http://example.com?b', '', 'b'],
    ['//double/slash', '//double/slash', ''],
    ['*', '*', ''],
  ])('of %s has the path %s and the query %s', (originalUrl, path, query) => {
    expect(parseTarget({ originalUrl })).toEqual({ path, query });
  });
});

describe('decoded', () => {
  it.each([
    ['a%2Fb', 'a/b'],
    ['%E2%82%AC', '€'],
    ['%', '%'],
    ['%E0%A4%A', '%E0%A4%A'],
  ])('of %s is %s', (part, text) => {
    expect(tryDecode(part)).toBe(text);
  });
});
