import fc from 'fast-check';
import { createSecrets } from '../../../lib/event/secrets';
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

  it('is the same whatever the values of its parameters', () => {
    const value = fc.string({ minLength: 1 }).filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(value, value, (orgId, id) => {
        const path = `/orgs/${encodeURIComponent(orgId)}/things/${encodeURIComponent(id)}`;
        fc.pre(id !== 'things' || orgId !== 'things');
        const { pattern } = routeOf(path, { orgId, id }, secrets);
        expect(pattern).toBe('/orgs/[orgId]/things/[id]');
      }),
    );
  });

  it('has below a mount what the last parameter of many segments holds', () => {
    expect(catchAllOf({ orgId: 'acme', path: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(catchAllOf({ orgId: 'acme' })).toEqual([]);
  });
});
