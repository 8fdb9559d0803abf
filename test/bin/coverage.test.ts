import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toReport } from '../../lib/coverage/report';
import { route } from '../support/route-coverage';
import { runHere } from './program';

const folder = mkdtempSync(join(tmpdir(), 'audit-coverage-'));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const answered = (recorded: number) => ({ outcomes: { success: { answered: 1, recorded } } });

const one = file('one.json', toReport([route('/a', answered(0)), route('/b', answered(0)), route('/c')]));
const two = file(
  'two.json',
  toReport([route('/a', { ...answered(1), actions: ['a.b'] }), route('/d|e', { reason: 'why <b>' })]),
);

it('merges reports, and prints them as Markdown', async () => {
  const { code: exitCode, out } = await runHere(['coverage', one, two]);
  expect(exitCode).toBe(1);
  expect(out.split('\n')).toEqual(
    expect.arrayContaining([
      '4 routes: 1 recorded, 1 exempt, 1 silent, 1 never called',
      '| `POST /a` | recorded | success 1/2 | `a.b` |',
      '| `POST /b` | **silent** | success 0/1 |  |',
      '| `POST /d\\|e` | exempt: why &lt;b> |  |  |',
    ]),
  );
});

it('prints what is missing as SARIF, and all as JSON', async () => {
  const sarif = JSON.parse((await runHere(['coverage', one, two, '--format', 'sarif'])).out) as {
    runs: { results: { ruleId: string; message: { text: string } }[] }[];
  };
  expect(sarif.runs[0]!.results.map(({ ruleId, message }) => [ruleId, message.text.split(':')[0]])).toEqual([
    ['audit-coverage/silent-route', 'POST /b'],
    ['audit-coverage/untested-route', 'POST /c'],
  ]);
  const json = JSON.parse((await runHere(['coverage', one, two, '--format', 'json'])).out) as {
    totals: object;
  };
  expect(json.totals).toEqual({ recorded: 1, exempt: 1, silent: 1, 'never called': 1 });
});

it('holds to a baseline that only shrinks', async () => {
  const baseline = join(folder, 'baseline.json');
  const run = (...args: string[]) => runHere(['coverage', ...args, '--baseline', baseline]);
  expect((await run(one)).code).toBe(2);
  expect((await run(one, '--write-baseline')).code).toBe(0);
  expect(JSON.parse(readFileSync(baseline, 'utf8'))).toEqual(['POST /a', 'POST /b', 'POST /c']);
  expect((await run(one)).code).toBe(0);

  const better = await run(one, two);
  expect([better.code, better.err]).toEqual([1, expect.stringContaining('POST /a is in')]);
  expect((await run(one, two, '--write-baseline')).code).toBe(0);
  expect((await run(one, two)).code).toBe(0);

  const worse = file('worse.json', toReport([route('/new')]));
  const { code: exitCode, err } = await run(one, two, worse);
  expect([exitCode, err]).toEqual([1, expect.stringContaining('POST /new records nothing')]);
  expect((await run(one, two, worse, '--write-baseline')).code).toBe(1);
  expect(JSON.parse(readFileSync(baseline, 'utf8'))).toEqual(['POST /b', 'POST /c']);
});

it.each([
  [['coverage'], /no FILE is given/],
  [['coverage', one, '--format', 'xml'], /--format must be one of markdown, sarif, json/],
  [['coverage', one, '--write-baseline'], /--baseline is missing/],
  [['coverage', join(folder, 'none.json')], /none.json cannot be read/],
  [['coverage', file('bad.json', '{')], /bad.json cannot be used: it is no JSON/],
  [['coverage', file('other.json', {})], /it is no report of auditCoverage/],
  [['coverage', file('odd.json', { ...toReport([]), routes: [{ method: 1 }] })], /`method` must be a text/],
  [['actions'], /--config is missing/],
  [['actions', '--config', join(folder, 'none.js')], /none.js cannot be loaded/],
])('says what is wrong: %j', async (args, message) => {
  const { code: exitCode, err } = await runHere(args);
  expect(exitCode).toBe(2);
  expect(err).toMatch(message);
});
