import { toMarkdown } from '../../../lib/coverage/markdown';
import { readReport } from '../../../lib/coverage/read-report';
import { toReport } from '../../../lib/coverage/report';
import { route } from '../../support/route-coverage';

const report = toReport([
  route('/b', { outcomes: { success: { answered: 2, recorded: 1 } }, actions: ['b|`'] }),
  route('/a', { outcomes: { denied: { answered: 1, recorded: 0 } }, sensitive: 'salaries' }),
  route('/c', { reason: 'a probe\nfor <b>' }),
  route('/a', { method: 'GET' }),
]);

describe('a report of coverage', () => {
  it('is read as it was written, each route in its place', () => {
    expect(readReport(JSON.stringify(report), 'one.json')).toEqual(report);
    expect(report.routes.map(({ method, path, state }) => [method, path, state])).toEqual([
      ['GET', '/a', 'never called'],
      ['POST', '/a', 'silent'],
      ['POST', '/b', 'recorded'],
      ['POST', '/c', 'exempt'],
    ]);
  });

  it('is a table that no name breaks', () => {
    expect(toMarkdown(report).split('\n').slice(4)).toEqual([
      '| `GET /a` | never called |  |  |',
      '| `POST /a` | **silent**: sensitive: salaries | denied 0/1 |  |',
      "| `POST /b` | recorded | success 1/2 | `b\\|'` |",
      '| `POST /c` | exempt: a probe for &lt;b> |  |  |',
      '',
    ]);
  });

  it.each([
    ['no JSON', '{'],
    ['another file', '{"format":"other","version":1}'],
    ['of another version', JSON.stringify({ ...report, version: 2 })],
    ['without routes', JSON.stringify({ ...report, routes: {} })],
    ['a route that is none', JSON.stringify({ ...report, routes: [null] })],
    ...(
      [
        { method: 1 },
        { path: null },
        { reason: 5 },
        { sensitive: {} },
        { actions: ['a', 1] },
        { actions: 'a' },
        { outcomes: [] },
        { outcomes: { unknown: { answered: 1, recorded: 1 } } },
        { outcomes: { success: null } },
        { outcomes: { success: { answered: -1, recorded: 0 } } },
        { outcomes: { success: { answered: 1.5, recorded: 0 } } },
      ] as object[]
    ).map((wrong): [string, string] => [
      JSON.stringify(wrong),
      JSON.stringify({ ...report, routes: [{ ...route('/a'), ...wrong }] }),
    ]),
  ])('is refused by its name: %s', (_what, text) => {
    expect(() => readReport(text, 'two.json')).toThrow(
      expect.objectContaining({ code: 'UNREADABLE', message: expect.stringContaining('two.json') as string }),
    );
  });
});
