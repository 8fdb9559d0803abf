import fc from 'fast-check';
import { createSecrets } from '../../../lib/event/secrets';
import { tryDecode } from '../../../middleware/http/request-target';
import { catchAllOf, routeOf } from '../../../middleware/next/route';

const secrets = createSecrets();

describe('the route of a request', () => {
  it.each([
    ['/ok', {}, '/ok'],
    ['/orgs/acme/things/9', { orgId: 'acme', id: '9' }, '/orgs/[orgId]/things/[id]'],
    ['/orgs/a%20b/things/%C3%A9', { orgId: 'a b', id: 'é' }, '/orgs/[orgId]/things/[id]'],
    ['/orgs/a%20b', { orgId: 'a%20b' }, '/orgs/[orgId]'],
    ['/orgs/orgs', { orgId: 'orgs' }, '/orgs/[orgId]'],
    ['/a/a/a', { x: 'a', y: ['a', 'a'] }, '/[x]/[...y]'],
    ['/audit/x/y/', { path: ['x', 'y'] }, '/audit/[...path]'],
    ['/audit', { path: undefined }, '/audit'],
    ['/elsewhere', { id: '7' }, '/elsewhere'],
  ])('%s with %j is %s', (path, params, pattern) => {
    expect(routeOf(path, params, secrets).pattern).toBe(pattern);
  });

  it('shows no parameter with a secret name', () => {
    expect(routeOf('/reset/s3cr3t', { token: 's3cr3t' }, secrets)).toEqual({
      pattern: '/reset/[token]',
      path: '/reset/[REDACTED]',
    });
    expect(routeOf('/reset/other', { token: 's3cr3t' }, secrets).path).not.toContain('other');
  });

  const value = fc.string({ minLength: 1 }).filter((text) => text !== '.' && text !== '..');
  const PATTERN = '/orgs/[orgId]/things/[id]/[[...rest]]';

  it('is the same whatever the values of its parameters, where Next tells it', () => {
    const base = fc.constantFrom('', '/base', '/orgs/things');
    fc.assert(
      fc.property(value, value, fc.array(value), base, fc.boolean(), (orgId, id, rest, before, isDecoded) => {
        const encoded = [orgId, 'things', id, ...rest].map(encodeURIComponent);
        const [sentOrg = '', , sentId = '', ...sentRest] = encoded;
        const params = isDecoded ? { orgId, id, rest } : { orgId: sentOrg, id: sentId, rest: sentRest };
        const { pattern } = routeOf(`${before}/orgs/${encoded.join('/')}`, params, secrets, PATTERN);
        expect(pattern).toBe(`${before}/orgs/[orgId]/things/[id]${rest.length > 0 ? '/[...rest]' : ''}`);
      }),
      {
        examples: [
          [' ', '%00 ', [], '', true],
          ['things', ' ', ['things', ' '], '', false],
          ['%2525', '%25', [], '/base', false],
        ],
      },
    );
  });

  it('is guessed from the parameters where Next tells none, or that of a path behind a rewrite', () => {
    const own = value.filter((text) => tryDecode(text) !== 'things');
    fc.assert(
      fc.property(own, value, fc.constantFrom(undefined, '/rewritten/[orgId]/[id]'), (orgId, id, told) => {
        const path = `/orgs/${encodeURIComponent(orgId)}/things/${encodeURIComponent(id)}`;
        expect(routeOf(path, { orgId, id }, secrets, told).pattern).toBe('/orgs/[orgId]/things/[id]');
      }),
    );
  });

  it('hides what is secret where it stands, and not what is like it', () => {
    const { path } = routeOf(
      '/token/token/abc',
      { token: 'token', id: 'abc' },
      secrets,
      '/token/[token]/[id]',
    );
    expect(path).toBe('/token/[REDACTED]/abc');
  });

  it('has below a mount what the last parameter of many segments holds', () => {
    expect(catchAllOf({ orgId: 'acme', path: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(catchAllOf({ orgId: 'acme' })).toEqual([]);
  });
});
