import type { Request } from 'express';
import { watchRouting } from '../../../middleware/express/routing-watch';

/** An observer, and what it was told. */
function observer() {
  const told: unknown[] = [];
  return {
    told,
    params: (params: unknown) => told.push(['params', params]),
    baseUrl: (baseUrl: unknown, before: unknown) => told.push(['baseUrl', baseUrl, before]),
    routed: (route: unknown) => told.push(['route', route]),
  };
}

const request = (own: object) => own as Request;

describe('watchRouting', () => {
  it('tells what is set already, and each value that is set later', () => {
    const req = request({ params: { id: '1' }, baseUrl: '/a' });
    const { told, ...observing } = observer();
    watchRouting(req, { ...observing });
    Object.assign(req, { baseUrl: '/a/b', route: { path: '/x' } });
    expect(told).toEqual([
      ['params', { id: '1' }],
      ['baseUrl', '/a', undefined],
      ['baseUrl', '/a/b', '/a'],
      ['route', { path: '/x' }],
    ]);
  });

  it('tells all observers', () => {
    const req = request({ params: {} });
    const [first, second] = [observer(), observer()];
    watchRouting(req, first);
    watchRouting(req, second);
    req.params = { id: '2' };
    expect(first.told).toEqual(second.told);
    expect(first.told.at(-1)).toEqual(['params', { id: '2' }]);
  });

  it('tells those of another copy of the package', () => {
    const req = request({ params: {} });
    const [first, second] = [observer(), observer()];
    watchRouting(req, first);
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ watchRouting: typeof watchRouting }>(
        '../../../middleware/express/routing-watch',
      );
      expect(copy.watchRouting).not.toBe(watchRouting);
      copy.watchRouting(req, second);
    });
    req.params = { id: '3' };
    for (const { told } of [first, second]) expect(told.at(-1)).toEqual(['params', { id: '3' }]);
  });

  it('leaves the request’s properties as they look', () => {
    const req = request({ params: { id: '1' }, baseUrl: '/a', route: undefined });
    watchRouting(req, observer());
    expect(Object.keys(req)).toEqual(['params', 'baseUrl', 'route']);
    expect({ ...req }).toEqual({ params: { id: '1' }, baseUrl: '/a', route: undefined });
    expect(Object.getOwnPropertySymbols({ ...req })).toEqual([]);
  });
});
