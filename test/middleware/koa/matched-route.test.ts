import type { Context } from 'koa';
import { belowRoute, placeOf } from '../../../middleware/koa/matched-route';

const context = (members: object) => members as Context;

describe('placeOf', () => {
  it.each([
    ['no router', {}, '/a', undefined],
    ['a router', { _matchedRoute: '/orgs/:id' }, '/orgs/7', '/orgs/:id'],
    ['koa-route', { routePath: '/orgs/:id' }, '/orgs/7', '/orgs/:id'],
    ['a regular expression', { _matchedRoute: /^\/x/ }, '/xy', '/^\\/x/'],
    ['a mount', { _matchedRoute: '/orgs/:id', mountPath: '/api' }, '/api/orgs/7', '/api/orgs/:id'],
    ['mounts within mounts', { _matchedRoute: '/:id', mountPath: '/in' }, '/out/in/7', '/out/in/:id'],
    ['a mount and a wildcard', { _matchedRoute: '/f/{*p}', mountPath: '/api' }, '/api/f/a/b', '/api/f/{*p}'],
    ['a mount at the root', { _matchedRoute: '/f/{*p}', mountPath: '/' }, '/f/a/b', '/f/{*p}'],
    ['what is no pattern', { _matchedRoute: 7 }, '/a', undefined],
  ])('is right with %s', (_what, members, path, route) => {
    expect(placeOf(context(members), path)).toBe(route);
  });
});

describe('belowRoute', () => {
  it.each([
    ['/audit{/*path}', '/audit/entries/7', '/entries/7'],
    ['/audit{/*path}', '/audit', ''],
    ['/audit{/*path}', '/audit/', '/'],
    ['/audit/{*path}', '/audit/entries', '/entries'],
    ['/audit/*path', '/audit/entries', '/entries'],
    ['/audit/(.*)', '/audit/entries', '/entries'],
    ['/audit(.*)', '/audit/entries', '/entries'],
    ['/audit/:path*', '/audit/entries', '/entries'],
    ['/orgs/:id/audit{/*path}', '/orgs/a%2Fb/audit/entries/7%20', '/entries/7%20'],
    ['{/*path}', '/entries', '/entries'],
    [undefined, '/entries', '/entries'],
    ['/elsewhere{/*path}', '/entries', '/entries'],
  ])('of %s takes %s for %s', (pattern, path, below) => {
    expect(belowRoute(context({ _matchedRoute: pattern }), path)).toBe(below);
  });
});
