import { AuditError } from '../../../../lib/errors';
import { EXPORT_RULES } from '../../../../lib/read/export-query';
import { LIST_RULES } from '../../../../lib/read/list-query';
import { parseParameters } from '../../../../middleware/http/api/parameters';

const request = (url: string) => ({ url, query: { tenantId: 'trap' } });

describe('parametersOf', () => {
  it('reads all parameters from the URL itself, each of its type', () => {
    const url =
      '/entries?limit=5&cursor=c&order=asc&actor=a%26b&action=org.*&resource=r+s&outcome=denied&from=2026-01-01&to=2026-02-01';
    expect(parseParameters(request(url), LIST_RULES)).toEqual({
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

  it.each(['true', 'false'])('reads a switch that is %s', (text) => {
    const { includeChainProof } = parseParameters(request(`/x?includeChainProof=${text}`), EXPORT_RULES);
    expect(includeChainProof).toBe(text === 'true');
  });

  it('reads what is given several times as a list', () => {
    const url = '/entries?actor=a&actor=b&action=!c&outcome=denied&outcome=failure&startDate=2026-01-01';
    expect(parseParameters(request(url), LIST_RULES)).toEqual({
      actor: ['a', 'b'],
      action: '!c',
      outcome: ['denied', 'failure'],
      startDate: '2026-01-01',
    });
  });

  it.each(['/entries', '/entries?'])('reads nothing from %s', (url) => {
    expect(parseParameters(request(url), LIST_RULES)).toEqual({});
  });

  const refused = (url: string, rules: Parameters<typeof parseParameters>[1], named: string) => {
    const call = () => parseParameters(request(url), rules);
    expect(call).toThrow(AuditError);
    expect(call).toThrow(named);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_QUERY', status: 400 }));
  };

  it.each(['1e2', '0x10', '-1', '1.5', ' 5', '', '٣', '0', '1001'])('refuses a limit of %j', (limit) => {
    refused(`/entries?limit=${encodeURIComponent(limit)}`, LIST_RULES, '`limit` must be a whole number');
  });

  it.each(['TRUE', '1', '', 'yes'])('refuses a switch that is %j', (text) => {
    refused(`/x?includeChainProof=${text}`, EXPORT_RULES, 'includeChainProof');
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
    ['limit=1&limit=2', 'limit'],
    ['text=a&text=b', 'text'],
    ['outcome=success&outcome=gone', 'outcome'],
    [new Array(21).fill('actor=a').join('&'), 'actor'],
    ['a?b=c', 'a?b'],
    ['from=yesterday', 'from'],
  ])('refuses %s', (query, named) => {
    refused(`/entries?${query}`, LIST_RULES, named);
  });

  it('accepts nothing where there are no parameters', () => {
    expect(parseParameters(request('/verify'), {})).toEqual({});
    refused('/verify?tenantId=acme', {}, 'tenantId');
  });
});
