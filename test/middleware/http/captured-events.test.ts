import {
  exportEvent,
  isExport,
  isRefusal,
  refusalEvent,
  requestEvent,
} from '../../../middleware/http/capture';
import type { CaptureFacts } from '../../../middleware/http/capture-facts';

const facts = (change: Partial<CaptureFacts> = {}): CaptureFacts => ({
  method: 'GET',
  target: { path: '/members', query: '' },
  redactedPath: '/members',
  status: 200,
  isAnswered: true,
  isForEverybody: false,
  isAttachment: false,
  bytesSent: 3,
  isCompleted: true,
  failureRecorded: false,
  isIdentified: true,
  ...change,
});

describe('the events of facts', () => {
  it.each<[string, Partial<CaptureFacts>, string | undefined]>([
    ['401', { status: 401 }, 'auth.unauthorized_access'],
    ['429', { status: 429 }, 'security.rate_limited'],
    ['404', { status: 404 }, undefined],
    ['a failure that was recorded', { status: 403, failureRecorded: true }, undefined],
  ])('are for %s a refusal or none', (_what, change, action) => {
    expect(isRefusal(facts(change)) ? refusalEvent(facts(change)).action : undefined).toBe(action);
  });

  it.each<[string, Partial<CaptureFacts>, boolean]>([
    ['a path', { target: { path: '/a.csv', query: '' } }, true],
    ['a query', { target: { path: '/a', query: 'format=export' } }, true],
    ['a header', { isAttachment: true }, true],
    ['nothing', {}, false],
    ['a status without a body', { isAttachment: true, status: 304 }, false],
    ['a file for everybody', { isAttachment: true, isForEverybody: true }, false],
  ])('are told by %s to be of an export or not', (_what, change, expected) => {
    expect(isExport(facts(change))).toBe(expected);
  });

  it('hold the query, and that the client disconnected', () => {
    const target = { path: '/a.csv', query: 'id=1&id=2' };
    expect(exportEvent(facts({ target, isCompleted: false })).metadata).toEqual({
      method: 'GET',
      query: new Map([['id', ['1', '2']]]),
      responseSize: 3,
      completed: false,
    });
  });

  it.each<[Partial<CaptureFacts>, string]>([
    [{}, 'success'],
    [{ status: 401 }, 'denied'],
    [{ status: 500 }, 'failure'],
    [{ isAnswered: false }, 'failure'],
  ])('have the outcome of %j', (change, outcome) => {
    expect(requestEvent(facts(change))).toMatchObject({ action: 'http.request', outcome });
  });
});
