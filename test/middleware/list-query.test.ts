import type { Request } from 'express';
import { AuditError } from '../../lib/errors';
import { listQueryOf, noQueryOf } from '../../middleware/list-query';

const request = (url: string) => ({ url, query: { tenantId: 'trap' } }) as unknown as Request;

describe('listQueryOf', () => {
  it('reads all parameters from the URL itself', () => {
    const url =
      '/entries?limit=5&cursor=c&order=asc&actor=a%26b&action=org.*&resource=r+s&outcome=denied&from=2026-01-01&to=2026-02-01';
    expect(listQueryOf(request(url))).toEqual({
      limit: 5,
      cursor: 'c',
      order: 'asc',
      actor: 'a&b',
      action: 'org.*',
      resource: 'r s',
      outcome: 'denied',
      from: '2026-01-01',
      to: '2026-02-01',
    });
  });

  it.each(['/entries', '/entries?'])('reads nothing from %s', (url) => {
    expect(listQueryOf(request(url))).toEqual({});
  });

  it.each(['1e2', '0x10', '-1', '1.5', ' 5', '', '٣'])('leaves a limit of %j to be refused', (limit) => {
    expect(listQueryOf(request(`/entries?limit=${encodeURIComponent(limit)}`)).limit).toBe(limit);
  });

  it.each([
    ['tenantId=acme', 'tenantId'],
    ['actor[$ne]=x', 'actor[$ne]'],
    ['actor.id=x', 'actor.id'],
    ['actor[]=x', 'actor[]'],
    ['__proto__=x', '__proto__'],
    ['__proto__[limit]=1', '__proto__[limit]'],
    ['constructor=x', 'constructor'],
    ['Limit=1', 'Limit'],
    ['=x', '``'],
    ['actor=a&actor=b', 'actor'],
    ['a?b=c', 'a?b'],
  ])('refuses %s', (query, named) => {
    const call = () => listQueryOf(request(`/entries?${query}`));
    expect(call).toThrow(AuditError);
    expect(call).toThrow(named);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_QUERY', status: 400 }));
  });
});

describe('noQueryOf', () => {
  it('accepts no parameter at all', () => {
    expect(() => noQueryOf(request('/verify'))).not.toThrow();
    expect(() => noQueryOf(request('/verify?tenantId=acme'))).toThrow('tenantId');
  });
});
